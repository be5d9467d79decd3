import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { oracleMissing } from '../support/oracle.ts';
import { inRepository } from '../support/repository.ts';

const missing = oracleMissing('tomllib');
const toJson = 'import json, sys, tomllib; print(json.dumps(tomllib.loads(sys.stdin.read())))';

describe.skipIf(missing !== undefined)(
  `the settings for Helix${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    it('are TOML, and the language names the server that is defined', () => {
      const input = readFileSync(inRepository('editors/helix/languages.toml'), 'utf8');
      const settings: unknown = JSON.parse(
        execFileSync('/usr/bin/python3', ['-c', toJson], { input, encoding: 'utf8' }),
      );
      expect(settings).toEqual({
        'language-server': { netc: { command: 'netc', args: ['lsp', '--stdio'] } },
        language: [
          {
            name: 'netc',
            scope: 'source.net',
            'file-types': ['net'],
            roots: ['package.json'],
            'comment-tokens': ['//', '///'],
            indent: { 'tab-width': 2, unit: '  ' },
            'language-servers': ['netc'],
          },
        ],
      });
    });
  },
);
