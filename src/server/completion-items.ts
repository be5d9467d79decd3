import { CompletionItemKind, InsertTextFormat, type CompletionItem } from 'vscode-languageserver';
import { builtins } from '../compiler/check/global-names.ts';
import { settingNames } from '../compiler/check/train.ts';
import type { ArgumentKind, ArgumentSpec } from '../compiler/ops/arguments.ts';
import { surfaceOps } from '../compiler/ops/registry.ts';
import {
  augmentations,
  averagings,
  clippings,
  optimizers,
  schedules,
} from '../compiler/optimizers/registry.ts';
import { initializers } from '../compiler/random/initializers.ts';
import { operationSignature } from '../compiler/reference/operation-signature.ts';
import type { Entity } from '../compiler/resolve/program.ts';
import { documentationOf, headOf } from './block-text.ts';

/** The entries of a list of completions; nearer things come first. */
const order = { argument: '0', local: '1', axis: '1', entity: '2', operation: '3', word: '4' } as const;

export function operations(): CompletionItem[] {
  return [...surfaceOps.values()].map((op) => ({
    label: op.name,
    kind: CompletionItemKind.Function,
    detail: operationSignature(op),
    documentation: `${op.doc}\n\nFor example ${op.example}`,
    sortText: `${order.operation}${op.name}`,
  }));
}

export function functions(): CompletionItem[] {
  return [...builtins].map((name) => ({
    label: name,
    kind: CompletionItemKind.Function,
    detail: `${name}(a: int, b: int) -> int`,
    sortText: `${order.operation}${name}`,
  }));
}

export function entity(name: string, of: Entity): CompletionItem[] {
  const sortText = `${order.entity}${name}`;
  switch (of.kind) {
    case 'block':
      return [
        {
          label: name,
          kind: CompletionItemKind.Function,
          detail: headOf(of),
          documentation: documentationOf(of.decl),
          sortText,
        },
      ];
    case 'labels': {
      const count = of.decl.values.items.length;
      return [{ label: name, kind: CompletionItemKind.Enum, detail: `${count} labels`, sortText }];
    }
    case 'model':
    case 'poison':
      return [];
  }
}

const localKinds = {
  hyper: CompletionItemKind.Property,
  input: CompletionItemKind.Variable,
  size: CompletionItemKind.Constant,
  variable: CompletionItemKind.Variable,
} as const;

export function local(name: string, kind: keyof typeof localKinds): CompletionItem {
  return { label: name, kind: localKinds[kind], detail: kind, sortText: `${order.local}${name}` };
}

export function axis(name: string): CompletionItem {
  return {
    label: name,
    kind: CompletionItemKind.TypeParameter,
    detail: 'axis',
    sortText: `${order.axis}${name}`,
  };
}

export function argument(name: string, spec?: ArgumentSpec): CompletionItem {
  return {
    label: `${name}:`,
    insertText: `${name}: `,
    filterText: name,
    kind: CompletionItemKind.Field,
    ...(spec === undefined ? {} : { detail: spec.kind, documentation: spec.doc }),
    sortText: `${order.argument}${name}`,
  };
}

export function path(text: string): CompletionItem {
  return { label: text, kind: CompletionItemKind.File };
}

export function isAboutAxes(kind: ArgumentKind): boolean {
  return (
    kind === 'axis' || kind === 'axes' || kind === 'axisSizes' || kind === 'mapping' || kind === 'perAxis'
  );
}

/** The words that an argument can be. */
export function wordsOf({ kind, choices }: ArgumentSpec): CompletionItem[] {
  if (kind === 'choice') return words(choices ?? [], CompletionItemKind.EnumMember);
  if (kind === 'padding') return words(['same', 'valid'], CompletionItemKind.EnumMember);
  if (kind === 'bool') return words(['true', 'false'], CompletionItemKind.Keyword);
  if (kind === 'init') return words(Object.keys(initializers), CompletionItemKind.Function);
  return [];
}

const declarations: Readonly<Record<string, string>> = {
  import: 'import { $1 } from "./$2.net"',
  labels: 'labels ${1:Name} = ["$2"]',
  block: 'block ${1:Name}($2)(${3:x}: [N, C]) -> [N, C] {\n  $0\n}',
  loss: 'loss ${1:Name}()(logits: [N, K], target: [N, K]) -> [] {\n  $0\n}',
  model: 'model ${1:Name}() {\n  input ${2:x}: [N, C: ${3:3}]\n  $0\n}',
  train: 'train ${1:Model} {\n  $0\n}',
};

export function declarationWords(): CompletionItem[] {
  return Object.entries(declarations).map(([label, insertText]) => ({
    label,
    insertText,
    insertTextFormat: InsertTextFormat.Snippet,
    kind: CompletionItemKind.Keyword,
    sortText: `${order.word}${label}`,
  }));
}

export function statementWords(isModel: boolean): CompletionItem[] {
  const own = isModel ? ['input', 'output'] : ['return'];
  return words([...own, 'for', 'if', 'assert', 'param'], CompletionItemKind.Keyword);
}

export function settings(): CompletionItem[] {
  return words(['target', 'weight', 'loss', ...settingNames], CompletionItemKind.Keyword);
}

/** What can stand behind the name of a setting; undefined where it is none that takes a word. */
export function settingValues(setting: string): CompletionItem[] | undefined {
  const registry = new Map([
    ['optimizer', optimizers],
    ['schedule', schedules],
    ['clip', clippings],
    ['average', averagings],
    ['augment', augmentations],
  ] as const).get(setting as 'optimizer');
  return registry && words(registry.keys(), CompletionItemKind.Function);
}

function words(labels: Iterable<string>, kind: CompletionItemKind): CompletionItem[] {
  return Array.from(labels, (label) => ({ label, kind, sortText: `${order.word}${label}` }));
}
