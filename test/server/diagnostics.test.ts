import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DidChangeWatchedFilesNotification,
  FileChangeType,
  InlayHintRequest,
} from 'vscode-languageserver-protocol/node';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from './client.ts';

const library = `language 1

block Narrow(to: int)(x: [N, C]) -> [N, C: to] {
  return x |> linear(C -> C: to) |> relu
}
`;
const main = `language 1
import { Narrow } from "./lib/narrow.net"

model M() {
  input x: [N, C: 8]
  y = x |> Narrow(4)
  output y
}
`;

let client: Client | undefined;

async function start(files: Readonly<Record<string, string>>): Promise<Client> {
  client = await Client.start(files);
  return client;
}

afterEach(async () => {
  await client?.stop();
  client = undefined;
});

const isEmpty = (list: readonly unknown[]): boolean => list.length === 0;
const isNotEmpty = (list: readonly unknown[]): boolean => list.length > 0;

describe('the server', () => {
  it('says what is wrong while it is typed, and that it is right again', async () => {
    const server = await start({ 'lib/narrow.net': library });
    await server.open('main.net', main);
    await server.diagnostics('main.net', isEmpty);
    await server.edit('main.net', 'Narrow(4)', 'Narow(4)');
    const [typo] = await server.diagnostics('main.net', isNotEmpty);
    expect(typo).toMatchObject({ code: 'N2001', source: 'netc', severity: 1, range: { start: { line: 5, character: 11 }, end: { line: 5, character: 16 } } }); // prettier-ignore
    expect(typo?.message).toMatch(/did you mean `Narrow`/);
    await server.edit('main.net', 'Narow(4)', 'Narrow(4)');
    expect(await server.diagnostics('main.net', isEmpty)).toEqual([]);
  });

  it('reads imports from open documents before the disk, and tells both files', async () => {
    const server = await start({ 'lib/narrow.net': library });
    await server.open('main.net', main);
    await server.open('lib/narrow.net', library);
    await server.diagnostics('lib/narrow.net', isEmpty);
    await server.edit('lib/narrow.net', 'block Narrow(', 'block Wide(');
    expect((await server.diagnostics('main.net', isNotEmpty)).map(({ code }) => code)).toEqual(['N2007']);
    await server.edit('lib/narrow.net', 'block Wide(', 'block Narrow(');
    await server.diagnostics('main.net', isEmpty);
    await server.edit('lib/narrow.net', '-> [N, C: to]', '-> [N, C: 2]');
    const [own] = await server.diagnostics('lib/narrow.net', isNotEmpty);
    expect(own).toMatchObject({ code: 'N4008' });
    expect(own?.relatedInformation?.map(({ location }) => location.uri)).toContain(
      server.uri('lib/narrow.net'),
    );
    await server.close('lib/narrow.net');
    await server.diagnostics('lib/narrow.net', isEmpty);
  });

  it('hears of changes on the disk', async () => {
    const server = await start({});
    await server.open('main.net', main);
    expect((await server.diagnostics('main.net', isNotEmpty)).map(({ code }) => code)).toContain('N2003');
    mkdirSync(join(server.folder, 'lib'));
    writeFileSync(join(server.folder, 'lib/narrow.net'), library);
    await server.connection.sendNotification(DidChangeWatchedFilesNotification.type, {
      changes: [{ uri: server.uri('lib/narrow.net'), type: FileChangeType.Created }],
    });
    await server.diagnostics('main.net', isEmpty);
  });

  it('stands hostile texts, and ends well', async () => {
    const server = await start({});
    await server.open('wild.net', '\u0000{{{((('.repeat(500));
    await server.diagnostics('wild.net', isNotEmpty);
    await server.open('empty.net', '');
    await server.diagnostics('empty.net', isNotEmpty);
    expect(await server.stop()).toBe(0);
    client = undefined;
  });

  it('shows shapes behind names', async () => {
    const server = await start({ 'lib/narrow.net': library });
    await server.open('main.net', main);
    const hints = await server.connection.sendRequest(InlayHintRequest.type, {
      textDocument: { uri: server.uri('main.net') },
      range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } },
    });
    expect(hints).toEqual([
      expect.objectContaining({ label: ': [N, C: 4]', position: { line: 5, character: 3 } }),
    ]);
  });
});
