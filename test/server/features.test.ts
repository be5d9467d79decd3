import {
  CodeActionRequest,
  CompletionRequest,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentRangeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  WorkspaceSymbolRequest,
  type CompletionItem,
  type Location,
  type Position,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Client } from './client.ts';

const library = `language 1

/// A gate of its own width.
block Gate(hidden: int, scale: float = 1)(x: [N, C, ...R]) -> [N, C, ...R] {
  narrow = x |> linear(C -> D: hidden) |> relu
  /// From 0 to 1.
  gate = narrow |> linear(D -> C: C) |> sigmoid
  return x * gate * scale
}

block Pair()(a: [N, C], b: [N, C]) -> [N, C] {
  return a + b
}
`;

const main = `language 1
import { Gate, Pair } from "./lib/gate.net"
import { Gate as Door } from "./lib/gate.net"

labels Kinds = ["one", "two"]

// A comment
// of two lines.
block Tower(depth: int)(x: [N, C]) -> [N, C] {
  y = x
  for i in 0..depth {
    y = Gate(4, scale: 0.5)(y)
  }
  return y
}

model M(classes: labels = Kinds, size: int = 8) {
  input image: [N, C: 3, H: size, W: size]
  seen = image |> conv(C -> C: 16, over: [H: 3, W: 3]) |> mean(over: [H, W])
  tall = seen |> Tower(2) |> Door(hidden: 2)
  both = Pair()(a: seen, b: tall)
  logits = both |> linear(C -> K: classes)
  output logits
}

train M {
  target kind: [N, K: classes]
  loss = (logits - kind) * (logits - kind) |> mean(over: [N, K])
  optimizer adamw(lr: 1e-3)
  batch 4
}
`;

let server: Client;

beforeAll(async () => {
  server = await Client.start({ 'lib/gate.net': library, 'main.net': main });
});

beforeEach(async () => {
  await server.open('main.net', main);
  await server.diagnostics('main.net', (list) => list.length === 0);
});

afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

const place = (marked: string): { textDocument: { uri: string }; position: Position } => ({
  textDocument: { uri: server.uri('main.net') },
  position: server.at('main.net', marked),
});

/** The text of a file of the test at a location. */
function textAt({ uri, range }: Location): string {
  const [name, text] = uri.endsWith('gate.net') ? ['gate', library] : ['main', server.text('main.net')];
  const line = text.split('\n')[range.start.line] ?? '';
  return `${name}:${range.start.line + 1}:${range.start.character + 1} ${line.slice(range.start.character, range.end.character)}`;
}

async function definition(marked: string): Promise<string | null> {
  const found = await server.connection.sendRequest(DefinitionRequest.type, place(marked));
  return found === null ? null : textAt(found as Location);
}

async function hover(marked: string): Promise<string | undefined> {
  const found = await server.connection.sendRequest(HoverRequest.type, place(marked));
  return found === null ? undefined : (found.contents as { value: string }).value;
}

async function completions(marked: string): Promise<readonly CompletionItem[]> {
  return (await server.connection.sendRequest(CompletionRequest.type, place(marked))) as CompletionItem[];
}

async function labels(marked: string): Promise<readonly string[]> {
  return (await completions(marked)).map(({ label }) => label);
}

/** A text with edits carried out. */
function edited(text: string, edits: readonly TextEdit[]): string {
  const offset = ({ line, character }: Position): number =>
    text
      .split('\n')
      .slice(0, line)
      .reduce((sum, before) => sum + before.length + 1, 0) + character;
  return [...edits]
    .sort((a, b) => offset(b.range.start) - offset(a.range.start))
    .reduce(
      (now, { range, newText }) => now.slice(0, offset(range.start)) + newText + now.slice(offset(range.end)),
      text,
    );
}

describe('definitions', () => {
  it.each([
    ['|> To^wer(2)', 'main:9:7 Tower'],
    ['y = Ga^te(4', 'gate:4:7 Gate'],
    ['|> Doo^r(', 'gate:4:7 Gate'],
    ['Gate(4, sca^le', 'gate:4:25 scale'],
    ['Pair()(a: seen, b^: tall', 'gate:11:25 b'],
    ['in 0..dep^th', 'main:9:13 depth'],
    ['return ^y', 'main:12:5 y'],
    ['= Gate(4, scale: 0.5)(^y)', 'main:12:5 y'],
    ['(logi^ts - kind)', 'main:22:3 logits'],
    ['- ki^nd) *', 'main:27:10 kind'],
    ['labels = Kin^ds', 'main:5:8 Kinds'],
    ['H: si^ze,', 'main:17:34 size'],
    ['over: [H, ^W])', 'main:18:35 W'],
    ['train ^M', 'main:17:7 M'],
  ])('of %s', async (marked, expected) => {
    expect(await definition(marked)).toBe(expected);
  });

  it('of an import are files, and of operations there are none', async () => {
    expect(await definition('Pair } from "./lib/ga^te.net"')).toBe('gate:1:1 ');
    expect(await definition('|> co^nv(')).toBeNull();
  });
});

describe('references', () => {
  const references = async (marked: string, includeDeclaration = true): Promise<readonly string[]> => {
    const request = { ...place(marked), context: { includeDeclaration } };
    const found = await server.connection.sendRequest(ReferencesRequest.type, request);
    return (found ?? []).map(textAt).sort();
  };

  it('of a block stand in all files, under its own name', async () => {
    expect(await references('y = Ga^te(4')).toEqual([
      'gate:4:7 Gate',
      'main:12:9 Gate',
      'main:2:10 Gate',
      'main:3:10 Gate',
    ]);
    expect(await references('y = Ga^te(4', false)).not.toContain('gate:4:7 Gate');
  });

  it('of a hyper-parameter stand in calls', async () => {
    expect(await references('Gate(4, sca^le')).toEqual([
      'gate:4:25 scale',
      'gate:8:21 scale',
      'main:12:17 scale',
    ]);
  });

  it('of what a model gives stand in its training', async () => {
    expect(await references('output logi^ts')).toEqual(
      ['main:22:3 logits', 'main:23:10 logits', 'main:28:11 logits', 'main:28:29 logits'].sort(),
    );
  });
});

describe('renaming', () => {
  const rename = async (marked: string, newName: string): Promise<WorkspaceEdit['changes']> =>
    (await server.connection.sendRequest(RenameRequest.type, { ...place(marked), newName }))?.changes;

  it('of a name in a body changes it there', async () => {
    const changes = await rename('^seen |> Tower', 'pooled');
    expect(Object.keys(changes ?? {})).toEqual([server.uri('main.net')]);
    const text = edited(main, changes?.[server.uri('main.net')] ?? []);
    expect(text).toBe(main.replaceAll('seen', 'pooled'));
  });

  it('of a block changes every file that names it', async () => {
    const changes = await rename('y = Ga^te(4', 'Valve');
    const inMain = edited(main, changes?.[server.uri('main.net')] ?? []);
    const inLibrary = edited(library, changes?.[server.uri('lib/gate.net')] ?? []);
    expect(inLibrary).toBe(library.replace('block Gate', 'block Valve'));
    expect(inMain).toBe(main.replace('{ Gate, Pair', '{ Valve, Pair').replace('{ Gate as', '{ Valve as').replace('y = Gate', 'y = Valve')); // prettier-ignore
  });

  it('of an input changes the calls that name it', async () => {
    const changes = await rename('Pair()(a^: seen', 'left');
    expect(edited(main, changes?.[server.uri('main.net')] ?? [])).toContain('Pair()(left: seen');
    expect(edited(library, changes?.[server.uri('lib/gate.net')] ?? [])).toContain(
      'Pair()(left: [N, C], b: [N, C]) -> [N, C] {\n  return left + b',
    );
  });

  it('is refused where it would change what a program means', async () => {
    await expect(rename('over: [H, ^W])', 'V')).rejects.toThrow(/an axis keeps its name/);
    await expect(rename('|> co^nv(', 'c')).rejects.toThrow(/word of the language/);
    await expect(rename('^seen |> Tower', 'tall')).rejects.toThrow(/`tall` is taken/);
    await expect(rename('^seen |> Tower', '3d')).rejects.toThrow(/no name/);
    await expect(rename('^seen |> Tower', 'for')).rejects.toThrow(/reserved/);
    const range = await server.connection.sendRequest(PrepareRenameRequest.type, place('^seen |> Tower'));
    expect(range).toMatchObject({ start: { character: 9 }, end: { character: 13 } });
  });
});

describe('hovering', () => {
  it('tells shapes, parameters and operations', async () => {
    expect(await hover('^seen |> Tower')).toBe(
      '```net\nseen: [N, C: 16]\n```\n\n448 parameters, 0.056 MFLOPs for one sample',
    );
    expect(await hover('ta^ll = seen')).toMatch(/tall: \[N, C: 16\][^]*\d+ parameters/);
    expect(await hover('return ^y')).toContain('y: [N, C]');
  });

  it('tells signatures and documentation', async () => {
    expect(await hover('y = Ga^te(4')).toContain(
      'block Gate(hidden: int, scale: float = 1)(x: [N, C, ...R]) -> [N, C, ...R]',
    );
    expect(await hover('y = Ga^te(4')).toContain('A gate of its own width.');
    expect(await hover('|> co^nv(')).toMatch(/conv\([^]*`stride`/);
    expect(await hover('conv(C -> C: 16, ov^er')).toContain('over:');
    expect(await hover('Gate(4, sca^le')).toContain('scale: float = 1');
    expect(await hover('labels = Kin^ds')).toContain('2 labels');
  });
});

describe('completion', () => {
  it('knows names, blocks and operations', async () => {
    await server.edit('main.net', 'both |> linear', 'both |> ');
    expect(await labels('logits = both |> ^')).toEqual(expect.arrayContaining(['conv', 'relu', 'Gate', 'Door', 'Tower'])); // prettier-ignore
    expect(await labels('logits = both |> ^')).not.toContain('both');
    await server.edit('main.net', 'return y', 'return ');
    const inTower = await labels('  return ^\n}\n\nmodel');
    expect(inTower).toEqual(expect.arrayContaining(['x', 'y', 'depth', 'C']));
    expect(inTower).not.toContain('seen');
  });

  it('knows arguments that are not given yet, axes and words', async () => {
    await server.edit('main.net', 'over: [H: 3, W: 3])', '');
    const inConv = await labels('conv(C -> C: 16, ^');
    expect(inConv).toEqual(expect.arrayContaining(['over:', 'stride:', 'padding:']));
    await server.edit('main.net', 'conv(C -> C: 16, ', 'conv(C -> C: 16, padding: ');
    expect(await labels('padding: ^')).toEqual(['same', 'valid']);
    await server.edit('main.net', 'padding: ', 'over: [');
    expect(await labels('C: 16, over: [^')).toEqual(expect.arrayContaining(['H', 'W', 'C']));
    await server.edit('main.net', 'Gate(4, scale: 0.5)', 'Gate(4, ');
    expect((await labels('Gate(4, ^'))[0]).toBe('scale:');
  });

  it('knows what begins a line, a file, a setting', async () => {
    await server.edit('main.net', '  batch 4\n', '  \n');
    expect(await labels('adamw(lr: 1e-3)\n  ^')).toEqual(
      expect.arrayContaining(['batch', 'clip', 'epochs', 'schedule']),
    );
    await server.edit('main.net', 'optimizer adamw(lr: 1e-3)', 'optimizer ');
    expect(await labels('optimizer ^')).toEqual(expect.arrayContaining(['sgd', 'adam', 'adamw']));
    await server.edit('main.net', 'optimizer ', 'clip ');
    expect(await labels('clip ^')).toEqual(['norm', 'value']);
    await server.edit('main.net', 'labels Kinds', '\n\nlabels Kinds');
    const top = await completions('gate.net"\n\n^\n\nlabels');
    expect(top.map(({ label }) => label)).toEqual(['import', 'labels', 'block', 'loss', 'model', 'train']);
    await server.edit('main.net', '"./lib/gate.net"', '"./');
    expect(await labels('Pair } from "./^')).toEqual(['./lib/gate.net']);
  });

  it('knows what an imported file declares, and nothing in comments', async () => {
    await server.edit('main.net', '{ Gate, Pair }', '{ Gate,  }');
    expect(await labels('{ Gate, ^ }')).toEqual(['Pair']);
    expect(await labels('// A com^ment')).toEqual([]);
  });
});

describe('signatures', () => {
  const help = async (marked: string): Promise<readonly [string | undefined, string | undefined]> => {
    const found = await server.connection.sendRequest(SignatureHelpRequest.type, place(marked));
    const [signature] = found?.signatures ?? [];
    const label = signature?.parameters?.[found?.activeParameter ?? 0]?.label;
    return [signature?.label, typeof label === 'string' ? label : undefined];
  };

  it('are shown of operations and blocks, with the argument at hand', async () => {
    expect(await help('conv(^C -> C')).toEqual([
      expect.stringMatching(/^conv\(/),
      expect.stringMatching(/^\w+$/),
    ]);
    expect((await help('conv(C -> C: 16, over: [H: ^3'))[1]).toBe('over:');
    expect((await help('Gate(^4'))[1]).toBe('hidden: int');
    expect((await help('Gate(4, sc^ale'))[1]).toBe('scale: float = 1');
    expect((await help('Pair()(a: seen, b: t^all'))[1]).toBe('b: [N, C]');
    expect(await help('block Tower(dep^th')).toEqual([undefined, undefined]);
  });
});

describe('the structure of a file', () => {
  it('is outlined', async () => {
    const symbols = await server.connection.sendRequest(DocumentSymbolRequest.type, {
      textDocument: { uri: server.uri('main.net') },
    });
    expect(symbols?.map(({ name }) => name)).toEqual(['Kinds', 'Tower', 'M', 'train M']);
    expect(symbols?.[1]).toMatchObject({ detail: '-> [N, C]', children: [{ name: 'depth' }, { name: 'x' }] });
  });

  it('is found among those of all files', async () => {
    const find = async (query: string): Promise<readonly string[]> =>
      ((await server.connection.sendRequest(WorkspaceSymbolRequest.type, { query })) ?? []).map(
        ({ name, location }) => `${name} ${location.uri.split('/').at(-1) ?? ''}`,
      );
    expect(await find('gt')).toEqual(['Gate gate.net']);
    expect(await find('')).toEqual([
      'Gate gate.net',
      'Pair gate.net',
      'Kinds main.net',
      'Tower main.net',
      'M main.net',
    ]);
    expect(await find('tg')).toEqual([]);
  });

  it('can be folded', async () => {
    const ranges = await server.connection.sendRequest(FoldingRangeRequest.type, {
      textDocument: { uri: server.uri('main.net') },
    });
    expect(ranges).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ startLine: 1, endLine: 2, kind: 'imports' }),
        expect.objectContaining({ startLine: 6, endLine: 7, kind: 'comment' }),
        expect.objectContaining({ startLine: 8, endLine: 13 }),
        expect.objectContaining({ startLine: 10, endLine: 11 }),
      ]),
    );
  });

  it('is coloured by meaning', async () => {
    const { tokenTypes } = server.capabilities.semanticTokensProvider?.legend ?? { tokenTypes: [] };
    const { data } = (await server.connection.sendRequest(SemanticTokensRequest.type, {
      textDocument: { uri: server.uri('main.net') },
    })) ?? { data: [] };
    const lines = main.split('\n');
    const seen = new Set<string>();
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [lineStep = 0, step = 0, length = 0, type = 0] = data.slice(i, i + 4);
      character = lineStep > 0 ? step : character + step;
      line += lineStep;
      seen.add(`${tokenTypes[type]} ${lines[line]?.slice(character, character + length)}`);
    }
    for (const token of [
      'function Gate',
      'function conv',
      'class M',
      'enum Kinds',
      'type H',
      'property over',
      'parameter depth',
      'variable seen',
      'keyword batch',
      'macro adamw',
      'parameter scale',
    ])
      // prettier-ignore
      expect(seen).toContain(token);
  });
});

describe('changes of the source', () => {
  it('are offered where something can be mended', async () => {
    await server.edit('main.net', 'image |> conv', "image |> 'a' |> conv");
    await server.diagnostics('main.net', (list) => list.length > 0);
    const position = server.at('main.net', "|> '^a'");
    const actions = await server.connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri: server.uri('main.net') },
      range: { start: position, end: position },
      context: { diagnostics: [] },
    });
    const action = actions?.[0];
    expect(action).toMatchObject({ kind: 'quickfix', isPreferred: true });
    const edits =
      action !== undefined && 'edit' in action ? action.edit.changes?.[server.uri('main.net')] : undefined;
    expect(edited(server.text('main.net'), edits ?? [])).toContain('image |> "a" |> conv');
  });

  it('give the one format, and leave alone what does not parse', async () => {
    const format = async (): Promise<readonly TextEdit[]> =>
      (await server.connection.sendRequest(DocumentFormattingRequest.type, {
        textDocument: { uri: server.uri('main.net') },
        options: { tabSize: 2, insertSpaces: true },
      })) ?? [];
    expect(await format()).toEqual([]);
    await server.edit('main.net', 'y = x\n', 'y  =   x\n');
    expect(edited(server.text('main.net'), await format())).toBe(main);
    const position = server.at('main.net', 'depth: int)(^x');
    const elsewhere = await server.connection.sendRequest(DocumentRangeFormattingRequest.type, {
      textDocument: { uri: server.uri('main.net') },
      range: { start: server.at('main.net', '^labels Kinds'), end: server.at('main.net', '"two"]^') },
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(elsewhere).toEqual([]);
    const here = await server.connection.sendRequest(DocumentRangeFormattingRequest.type, {
      textDocument: { uri: server.uri('main.net') },
      range: { start: position, end: server.at('main.net', 'y  =   x^') },
      options: { tabSize: 2, insertSpaces: true },
    });
    expect(edited(server.text('main.net'), here ?? [])).toBe(main);
    await server.edit('main.net', 'y  =   x', 'y  =  )');
    expect(await format()).toEqual([]);
  });
});
