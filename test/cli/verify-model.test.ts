import { expect, it } from 'vitest';
import { renderChecks } from '../../cli/verify-model.ts';
import type { Check } from '../../src/verify/verify-targets.ts';

const skipped: Check = { name: 'step of onnx-train against the interpreter', state: 'skipped', note: '8 GFLOPs would take it minutes' }; // prettier-ignore
const passed: Check = { name: 'the ONNX file loads and gives numbers', state: 'passed' };

it('says that targets agree where something was compared', () => {
  const verdict = (checks: readonly Check[], ok = true): string | undefined =>
    renderChecks({ ok, checks, diagnostics: [] }).split('\n').at(-1);
  expect(verdict([passed, skipped])).toBe('The targets agree.');
  expect(verdict([skipped])).toBe('Nothing was compared.');
  expect(verdict([{ ...passed, state: 'failed' }], false)).toBe('The targets do not agree: do not use them.');
});
