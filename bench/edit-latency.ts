import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  DidChangeTextDocumentNotification,
  DidOpenTextDocumentNotification,
  ExitNotification,
  InitializedNotification,
  InitializeRequest,
  PublishDiagnosticsNotification,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type ProtocolConnection,
} from 'vscode-languageserver-protocol/node';
import type { Bench } from './bench.ts';
import { largeSource } from './edit-latency/large-source.ts';
import { row, type Row } from './row.ts';

const WARM_UP = 60;
const EDITS = 240;
/** What editors and their users do not notice, in milliseconds at the 95th percentile. */
const LIMITS = { mair: 10, large: 50 };
const LINES = 5_000;

/** From a keystroke to what the server says of it, the way through two pipes included. */
export const bench: Bench = {
  title:
    'an edit is answered with diagnostics in 10 ms in mair.net and its imports, in 50 ms in 5,000 lines (p95)',
  run: async ({ root, log }) => {
    const mair = ['mair.net', ...['densenet', 'common', 'findings', 'losses', 'msfa', 'sim'].map((name) => `lib/${name}.net`)]; // prettier-ignore
    const sources = new Map(mair.map((name) => [`models/${name}`, readFileSync(join(root, 'models', name), 'utf8')])); // prettier-ignore
    const inMair = await timeEdits(root, sources, log);
    const large = largeSource(LINES);
    log(`the large source has ${large.split('\n').length} lines`);
    const inLarge = await timeEdits(root, new Map([['models/large-source.net', large]]), log);
    return [
      limitRow('mair.net and its imports, p95 in ms against the limit', inMair, LIMITS.mair),
      limitRow(`a source of ${LINES} lines, p95 in ms against the limit`, inLarge, LIMITS.large),
    ];
  },
};

function limitRow(name: string, times: readonly number[], limit: number): Row {
  return row(name, quantile(times, 0.95), limit, 1);
}

function quantile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}

/** A generator of numbers below a limit, the same for the same seed (Park and Miller, CACM 31, 1988). */
function randomNumbers(seed: number): (limit: number) => number {
  let state = seed + 1;
  return (limit) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % limit;
  };
}

/** Opens all files, then types and takes back, in one file after the other, at random words of their bodies. */
async function timeEdits(
  root: string,
  sources: ReadonlyMap<string, string>,
  log: (line: string) => void,
): Promise<readonly number[]> {
  const server = await startServer(root);
  const uris = new Map([...sources.keys()].map((name) => [name, pathToFileURL(join(root, name)).href]));
  let version = 1;
  for (const [name, text] of sources) await server.open(uris.get(name) ?? '', text, version++);
  const below = randomNumbers(0);
  const times: number[] = [];
  const names = [...sources.keys()];
  for (let i = 0; i < WARM_UP + EDITS; i += 2) {
    const name = names[below(names.length)] ?? '';
    const text = sources.get(name) ?? '';
    const at = wordBoundary(text, below(text.length));
    const { line, character } = positionOf(text, at);
    const start = { line, character };
    const typed = ['x', ' ', '2', '// c\n'][below(4)] ?? ' ';
    const end = typed.endsWith('\n')
      ? { line: line + 1, character: 0 }
      : { line, character: character + typed.length };
    const uri = uris.get(name) ?? '';
    const there = await server.edit(uri, { start, end: start }, typed, version++);
    const back = await server.edit(uri, { start, end }, '', version++);
    if (i >= WARM_UP) times.push(there, back);
  }
  await server.stop();
  log(`${names[0]}: median ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms, most ${Math.max(...times).toFixed(1)} ms`); // prettier-ignore
  return times;
}

/** The end of the first word behind an offset. */
function wordBoundary(text: string, offset: number): number {
  const found = /\w\b/.exec(text.slice(offset));
  return found === null ? text.length : offset + found.index + 1;
}

function positionOf(text: string, offset: number) {
  const lines = text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

interface Server {
  open(uri: string, text: string, version: number): Promise<number>;
  /** Milliseconds until the server has said what is wrong with the new version. */
  edit(uri: string, range: Range, text: string, version: number): Promise<number>;
  stop(): Promise<void>;
}

type Range = { readonly start: Position; readonly end: Position };
type Position = { readonly line: number; readonly character: number };

async function startServer(root: string): Promise<Server> {
  const child = spawn(process.execPath, ['dist/netc.cjs', 'lsp', '--stdio'], { cwd: root, stdio: ['pipe', 'pipe', 'inherit'] }); // prettier-ignore
  const connection: ProtocolConnection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  let heard: ((uri: string, version: number | undefined) => void) | undefined;
  connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, version }) => heard?.(uri, version));
  connection.listen();
  await connection.sendRequest(InitializeRequest.method, { processId: process.pid, capabilities: {}, workspaceFolders: null }); // prettier-ignore
  await connection.sendNotification(InitializedNotification.type, {});
  const answered = async (uri: string, version: number, send: () => Promise<void>): Promise<number> => {
    const start = performance.now();
    const answer = new Promise<void>((resolve) => {
      heard = (of, its) => {
        if (of === uri && its === version) resolve();
      };
    });
    await send();
    await answer;
    return performance.now() - start;
  };
  return {
    open: (uri, text, version) =>
      answered(uri, version, () =>
        connection.sendNotification(DidOpenTextDocumentNotification.type, {
          textDocument: { uri, languageId: 'netc', version, text },
        }),
      ),
    edit: (uri, range, text, version) =>
      answered(uri, version, () =>
        connection.sendNotification(DidChangeTextDocumentNotification.type, {
          textDocument: { uri, version },
          contentChanges: [{ range, text }],
        }),
      ),
    stop: async () => {
      await connection.sendRequest(ShutdownRequest.type);
      await connection.sendNotification(ExitNotification.type);
      connection.dispose();
    },
  };
}
