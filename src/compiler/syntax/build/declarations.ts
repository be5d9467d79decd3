import type * as cst from '../../../../grammar/cst-types.ts';
import { after, type Span } from '../../source/span.ts';
import type {
  BlockDecl,
  Declaration,
  Expr,
  ImportDecl,
  LabelsDecl,
  ModelDecl,
  NumberLiteral,
  TrainDecl,
  TrainItem,
} from '../ast.ts';
import { all, complain, name, nodeSpan, only, tokenSpan, type BuildContext } from './context.ts';
import { condition, expression, listLiteral } from './expressions.ts';
import { numberLiteral, stringLiteral } from './literals.ts';
import { bindOf, body } from './statements.ts';
import { hypers, inputs, tensorType, tensorTypes } from './types.ts';

/** The version of the language that this compiler reads. */
export const languageVersion = 1;

export interface FileContents {
  readonly version: NumberLiteral | undefined;
  readonly declarations: readonly Declaration[];
}

export function fileContents(context: BuildContext, node: cst.FileCstNode): FileContents {
  let version: NumberLiteral | undefined;
  let seenVersion = false;
  const declarations: Declaration[] = [];
  for (const line of all(node.children.declarationLine)) {
    const declared = only(line.children.declaration);
    if (declared === undefined) continue;
    const versionLine = only(declared.children.languageLine);
    if (versionLine !== undefined) {
      const stated = versionOf(context, versionLine, !seenVersion && declarations.length === 0);
      version ??= stated;
      seenVersion = true;
      continue;
    }
    const built = declaration(context, declared);
    if (built !== undefined) declarations.push(built);
  }
  if (!seenVersion) {
    const start: Span = { file: context.file, start: 0, end: 0 };
    complain(context, 'N1003', start, 'the file does not say its language version', {
      help: `Begin it with \`language ${languageVersion}\`.`,
      fix: {
        title: `Add \`language ${languageVersion}\``,
        edits: [{ span: start, text: `language ${languageVersion}\n\n` }],
      },
    });
  }
  return { version, declarations };
}

function versionOf(
  context: BuildContext,
  node: cst.LanguageLineCstNode,
  first: boolean,
): NumberLiteral | undefined {
  const token = only(node.children.version);
  if (!first) {
    const span = nodeSpan(context, node, { file: context.file, start: 0, end: 0 });
    complain(context, 'N1003', span, '`language` stands once, before everything else');
    return undefined;
  }
  if (token === undefined) return undefined;
  const version = numberLiteral(context, token);
  if (!version.integer || version.value !== languageVersion) {
    complain(context, 'N1003', version.span, `language version ${version.text} is not supported`, {
      help: `This compiler reads \`language ${languageVersion}\`. A newer file needs a newer netc.`,
    });
  }
  return version;
}

function declaration(context: BuildContext, node: cst.DeclarationCstNode): Declaration | undefined {
  const { children } = node;
  return (
    importOf(context, only(children.importDecl)) ??
    labelsOf(context, only(children.labelsDecl)) ??
    blockOf(context, only(children.blockDecl)) ??
    modelOf(context, only(children.modelDecl)) ??
    trainOf(context, only(children.trainDecl))
  );
}

function importOf(context: BuildContext, node: cst.ImportDeclCstNode | undefined): ImportDecl | undefined {
  const path = only(node?.children.path);
  if (node === undefined || path === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, path));
  const names = all(node.children.names).flatMap((part) => {
    const token = only(part.children.name);
    if (token === undefined) return [];
    const alias = only(part.children.alias);
    const own = nodeSpan(context, part, tokenSpan(context, token));
    return [{ name: name(context, token), alias: alias && name(context, alias), span: own }];
  });
  return {
    kind: 'ImportDecl',
    span,
    names,
    from: stringLiteral(context, path),
    docs: context.docsBefore(span.start),
  };
}

function labelsOf(context: BuildContext, node: cst.LabelsDeclCstNode | undefined): LabelsDecl | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  const list = only(node.children.values);
  return {
    kind: 'LabelsDecl',
    span,
    name: name(context, token),
    values:
      list === undefined
        ? { kind: 'ListLiteral', span: after(span), items: [] }
        : listLiteral(context, list, after(span)),
    docs: context.docsBefore(span.start),
  };
}

function blockOf(context: BuildContext, node: cst.BlockDeclCstNode | undefined): BlockDecl | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const { children } = node;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  const outputs = only(children.outputs)?.children;
  const hasInputs = only(children.inputs)?.children.LParen !== undefined;
  return {
    kind: 'BlockDecl',
    span,
    flavour: only(children.flavour)?.image === 'loss' ? 'loss' : 'block',
    name: name(context, token),
    // With one group missing, what was meant for the inputs was read as hyper-parameters; the parser has said so.
    hypers: hypers(hasInputs ? context : silent(context), only(children.hypers)),
    inputs: inputs(context, only(children.inputs)),
    outputs: tensorTypes(context, outputs?.tensorType),
    outputTuple: outputs?.LParen !== undefined,
    where: requirements(context, only(children.requirements), span),
    body: body(context, only(children.body), after(span), 'block'),
    docs: context.docsBefore(span.start),
  };
}

function silent(context: BuildContext): BuildContext {
  return { ...context, report: () => undefined };
}

function modelOf(context: BuildContext, node: cst.ModelDeclCstNode | undefined): ModelDecl | undefined {
  const token = only(node?.children.name);
  if (node === undefined || token === undefined) return undefined;
  const { children } = node;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  return {
    kind: 'ModelDecl',
    span,
    name: name(context, token),
    hypers: hypers(context, only(children.hypers)),
    where: requirements(context, only(children.requirements), span),
    body: body(context, only(children.body), after(span), 'model'),
    docs: context.docsBefore(span.start),
  };
}

function requirements(
  context: BuildContext,
  node: cst.RequirementsCstNode | undefined,
  fallback: Span,
): Expr[] {
  return all(node?.children.condition).map((part) => condition(context, part, fallback));
}

function trainOf(context: BuildContext, node: cst.TrainDeclCstNode | undefined): TrainDecl | undefined {
  const token = only(node?.children.model);
  if (node === undefined || token === undefined) return undefined;
  const span = nodeSpan(context, node, tokenSpan(context, token));
  const items = all(node.children.lines).flatMap((line) => trainItem(context, line));
  return {
    kind: 'TrainDecl',
    span,
    model: name(context, token),
    items,
    docs: context.docsBefore(span.start),
  };
}

function trainItem(context: BuildContext, line: cst.TrainLineCstNode): TrainItem[] {
  const children = only(line.children.trainItem)?.children;
  const bound = bindOf(context, only(children?.bind));
  if (bound !== undefined) return [bound];
  const tensor = only(children?.trainTensor);
  const setting = only(children?.setting);
  const token = only(tensor?.children.name) ?? only(setting?.children.name);
  if (token === undefined) return [];
  const own = name(context, token);
  const span = nodeSpan(context, tensor ?? setting, own.span);
  if (tensor !== undefined) {
    const role = only(tensor.children.role)?.image === 'weight' ? 'weight' : 'target';
    const type = tensorType(context, only(tensor.children.tensorType), after(span));
    return [{ kind: 'TrainTensor', span, role, name: own, type }];
  }
  const value = expression(context, only(setting?.children.value), after(span));
  return [{ kind: 'Setting', span, name: own, value }];
}
