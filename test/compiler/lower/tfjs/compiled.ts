import { compile } from '../../../../src/compiler/compile.ts';
import type { Module } from '../../../../src/compiler/ir/module.ts';
import { memoryReader } from '../../../../src/compiler/source/reader.ts';

/** The module of a source in one file; throws with what the compiler says. */
export function compiled(source: string): Module {
  const { module, diagnostics } = compile('tested.net', { reader: memoryReader({ 'tested.net': source }) });
  if (module === undefined) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  return module;
}
