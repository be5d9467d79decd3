import type { Position, SignatureHelp } from 'vscode-languageserver';
import { operationSignature } from '../compiler/reference/operation-signature.ts';
import type { SurfaceOp } from '../compiler/ops/surface-op.ts';
import { documentationOf, headOf, parametersOf } from './block-text.ts';
import { callAt, type CallAt } from './call-at.ts';
import type { CheckedDocument } from './checked-document.ts';
import { toOffset } from './positions.ts';
import { tokensBefore } from './tokens-before.ts';

/** What the call around a position takes, and which of its arguments is being written. */
export function signatureHelp({ module, source }: CheckedDocument, position: Position): SignatureHelp | null {
  const tokens = tokensBefore(source, toOffset(source, position));
  const call = tokens && callAt(module, tokens);
  if (call === undefined) return null;
  const { callee } = call;
  return callee.kind === 'operation' ? ofOperation(callee.op, call) : ofBlock(callee, call);
}

function ofOperation(op: SurfaceOp, { index, name }: CallAt): SignatureHelp {
  const names = Object.keys(op.arguments);
  const positional = names.filter((argument) => op.arguments[argument]?.positional === true);
  const active = name === undefined ? names.indexOf(positional[index] ?? '') : names.indexOf(name);
  return {
    signatures: [
      {
        label: operationSignature(op),
        documentation: op.doc,
        parameters: names.map((argument) => {
          const spec = op.arguments[argument];
          const isBare = spec?.positional === true && spec.optional !== true;
          return { label: isBare ? argument : `${argument}:`, documentation: spec?.doc ?? '' };
        }),
      },
    ],
    activeSignature: 0,
    activeParameter: active < 0 ? names.length : active,
  };
}

function ofBlock(
  { block, group }: Extract<CallAt['callee'], { kind: 'block' }>,
  { index, name }: CallAt,
): SignatureHelp {
  const names = block.decl[group].map((parameter) => parameter.name.text);
  const active = name === undefined ? index : names.indexOf(name);
  return {
    signatures: [
      {
        label: headOf(block),
        documentation: documentationOf(block.decl),
        parameters: parametersOf(block, group).map((label) => ({ label })),
      },
    ],
    activeSignature: 0,
    activeParameter: active < 0 ? names.length : active,
  };
}
