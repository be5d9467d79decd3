import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildDiagram } from '../../cli/graph/build-diagram.ts';
import type { Diagram, Part } from '../../cli/graph/diagram.ts';
import { layOut, type Placed } from '../../cli/graph/lay-out.ts';
import { blocksAround, openBlocks } from '../../cli/graph/open-blocks.ts';
import { compileModel } from '../../cli/compile-model.ts';
import { flatten } from '../../src/compiler/ir/inline.ts';
import { temporaryFolder } from '../runtime/temporary-folder.ts';
import { runCli } from './run-cli.ts';

const folder = await temporaryFolder();
const at = (name: string): string => join(folder, name);
const chromium = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  existsSync,
);

/** One instance twice in a row, an operation behind a block in one binding, a skip around a block, a loop. */
const source = `language 1

block Twice()(x: [N, C]) -> [N, C] {
  y = x |> linear(C -> C: C)
  return relu(y)
}

block Outer()(x: [N, C]) -> [N, C] {
  f = Twice()
  once = f(x)
  again = f(once)
  g = Twice()(again) |> sigmoid
  return g + x
}

model Shared() {
  input image: [N, C: 4]
  y = image
  for i in 0..2 {
    y = Outer()(y)
  }
  output y
}
`;

beforeAll(() => writeFile(at('shared.net'), source));

async function diagramOf(file: string): Promise<Diagram> {
  const model = await compileModel(file, { set: {} }, () => undefined);
  const { graph } = flatten(model!.module, { mode: 'infer' });
  return buildDiagram(graph!, { sources: model!.sources, functions: model!.module.functions });
}

const inside = ({ parts }: Diagram, id: string): Diagram => parts.find((part) => part.id === id)!.inside!;
const names = ({ parts }: Diagram): string[] => parts.map(({ kind, name, of }) => `${kind} ${name} ${of}`);
const allParts = ({ parts }: Diagram): readonly Part[] =>
  parts.flatMap((part) => [part, ...(part.inside === undefined ? [] : allParts(part.inside))]);

describe('the diagram', () => {
  test('has a box for each call of a block, named as in the source', async () => {
    const whole = await diagramOf(at('shared.net'));
    expect(names(whole)).toEqual(['input image [N, C: 4]', 'block y/0 Outer', 'block y/1 Outer', 'output y [N, C: 4]']); // prettier-ignore
    const outer = inside(whole, 'y/0');
    expect(names(outer).filter((name) => !/^(in|out)put/.test(name))).toEqual([
      'block f Twice',
      'block f Twice',
      'block g Twice',
      'op g sigmoid',
      'op add add',
    ]);
    expect(outer.parts.filter(({ name }) => name === 'f').map(({ parameters }) => parameters)).toEqual([
      20, 20,
    ]);
  });

  test('leads what skips a block around it, and what enters it in at one place', async () => {
    const outer = inside(await diagramOf(at('shared.net')), 'y/0');
    const [entry] = outer.parts;
    expect(entry).toMatchObject({ kind: 'input', name: 'image', of: '[N, C: 4]' });
    expect(outer.links.filter(({ from }) => from === entry!.id).map(({ to, isLabelled }) => [to, isLabelled])).toEqual([
      ['y/0/f', true],
      ['y/0#2', false],
    ]); // prettier-ignore
  });

  test.each(['mair', 'densenet121', 'convnext-tiny', 'mlp'])(
    'of %s has links between its own parts only, none backwards, and unique names',
    async (name) => {
      const whole = await diagramOf(`models/${name}.net`);
      const ids = allParts(whole).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      const diagrams = [whole, ...allParts(whole).flatMap((part) => part.inside ?? [])];
      for (const { parts, links } of diagrams) {
        const order = new Map(parts.map(({ id }, i) => [id, i]));
        for (const { from, to, shapes } of links) {
          expect(order.get(from), `${from} -> ${to}`).toBeLessThan(order.get(to) ?? -1);
          expect(shapes.every((shape) => shape.startsWith('['))).toBe(true);
        }
      }
    },
  );
});

describe('the layout', () => {
  const crossing = ({ parts, width, height }: Placed): string[] =>
    parts.flatMap((a, i) => [
      ...(a.x < 0 || a.y < 0 || a.x + a.width > width || a.y + a.height > height ? [a.part.id] : []),
      ...parts.slice(i + 1).flatMap((b) => {
        const apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y; // prettier-ignore
        return apart ? [] : [`${a.part.id} ${b.part.id}`];
      }),
      ...(a.inside === undefined ? [] : crossing(a.inside.placed)),
    ]);

  test.each([1, 2, 9])('lays no part over another, %i deep', async (depth) => {
    const whole = await diagramOf('models/mair-small.net');
    expect(crossing(layOut(whole, openBlocks(whole, depth)))).toEqual([]);
  });

  test('finds the blocks around a path', async () => {
    const whole = await diagramOf('models/mair-small.net');
    const path = ['backbone', 'backbone/dense1', 'backbone/dense1/layer/1'];
    expect(blocksAround(whole, 'backbone/dense1/layer/1')).toEqual(path);
    expect(blocksAround(whole, 'nowhere')).toEqual([]);
  });
});

describe('netc graph', () => {
  test('writes equal pictures of equal sources, with title, description and shapes', async () => {
    for (const name of ['a.svg', 'b.svg']) {
      expect(await runCli('graph', 'models/mair.net', '--depth', '1', '--out', at(name))).toEqual({
        code: 0,
        out: `wrote ${at(name)}`,
        err: '',
      });
    }
    const picture = await readFile(at('a.svg'), 'utf8');
    expect(await readFile(at('b.svg'), 'utf8')).toBe(picture);
    expect(picture).toContain('<title id="netc-title">MAIR</title>');
    expect(picture).toContain('16,793,249 parameters');
    expect(picture).toContain('[N, C: 512, H: 28, W: 28]');
    expect(picture).toContain('DenseNet121');
    expect(picture).not.toContain('DenseBlock');
    expect(picture).toContain('prefers-color-scheme: dark');
  });

  test('draws what the README shows', async () => {
    const readme = await readFile('README.md', 'utf8');
    const line = /`netc (graph \S+ --depth 1) --out mair.svg`/.exec(readme);
    expect(await runCli(...line![1]!.split(' '), '--out', at('readme.svg'))).toMatchObject({ code: 0 });
    expect(await readFile(at('readme.svg'), 'utf8')).toBe(await readFile('docs/img/mair.svg', 'utf8'));
    const { out } = await runCli('summary', 'models/mair.net', '--depth', '1');
    expect(readme).toContain(out);
  });

  test('opens more blocks with --depth, and takes other hyper-parameters', async () => {
    await runCli('graph', 'models/mair.net', '--depth', '2', '--set', 'size=256', '--out', at('deep.svg'));
    const picture = await readFile(at('deep.svg'), 'utf8');
    expect(picture).toContain('DenseBlock');
    expect(picture).toContain('[N, C: 3, H: 256, W: 256]');
  });

  test('reports as JSON', async () => {
    const { code, out } = await runCli('graph', 'models/mlp.net', '--out', at('mlp.svg'), '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      command: 'graph',
      ok: true,
      outputs: [{ path: at('mlp.svg'), bytes: (await stat(at('mlp.svg'))).size }],
      diagnostics: [],
    });
  });

  test('refuses another format, and writes nothing for a source with errors', async () => {
    expect(await runCli('graph', 'models/mlp.net', '--out', at('mlp.png'))).toMatchObject({ code: 2 });
    await writeFile(at('wrong.net'), source.replace('relu(y)', 'rellu(y)'));
    expect(await runCli('graph', at('wrong.net'), '--out', at('wrong.svg'))).toMatchObject({ code: 1 });
    expect(existsSync(at('wrong.svg'))).toBe(false);
  });
});

describe.skipIf(chromium === undefined)('the page in a browser (skipped without Chromium)', () => {
  /** What the page has become once its script has run. */
  async function open(file: string, fragment: string): Promise<string> {
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=5000', '--dump-dom'];
    const { stdout } = await promisify(execFile)(
      chromium!,
      [...args, `${pathToFileURL(file).href}${fragment}`],
      {
        maxBuffer: 1e8,
      },
    );
    return stdout;
  }

  test('opens the block that its address names, and loads nothing', async () => {
    await runCli('graph', 'models/mair-small.net', '--depth', '1', '--out', at('page.html'));
    const text = await readFile(at('page.html'), 'utf8');
    expect(text).toContain("default-src 'none'");
    expect(text.match(/(src|href)="/g)).toBeNull();
    const closed = await open(at('page.html'), '');
    expect(closed).toContain('data-block="backbone" role="button" tabindex="0" aria-expanded="false"');
    const opened = await open(at('page.html'), '#backbone/dense1');
    expect(opened).toContain('data-block="backbone" role="button" tabindex="0" aria-expanded="true"');
    expect(opened).toContain(
      'data-block="backbone/dense1/layer/0" role="button" tabindex="0" aria-expanded="false"',
    );
  });

  test.each([
    ['a click', "new MouseEvent('click', { bubbles: true })"],
    ['the Enter key', "new KeyboardEvent('keydown', { bubbles: true, key: 'Enter' })"],
  ])('opens a block by %s', async (_, event) => {
    await runCli('graph', at('shared.net'), '--depth', '1', '--out', at('shared.html'));
    const script = `<script>document.querySelector('[data-block="y/1"]').dispatchEvent(${event})</script>`;
    const page = (await readFile(at('shared.html'), 'utf8')).replace('</body>', `${script}</body>`);
    await writeFile(at('touched.html'), page);
    const touched = await open(at('touched.html'), '');
    expect(touched).toContain('data-block="y/1" role="button" tabindex="0" aria-expanded="true"');
    expect(touched).toContain('data-block="y/1/g" role="button" tabindex="0" aria-expanded="false"');
    expect(touched).toContain('data-block="y/0" role="button" tabindex="0" aria-expanded="false"');
  });
});
