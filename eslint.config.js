import js from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';

/** Which folders a folder must not import from: dependencies point one way. */
const layers = [
  { files: ['grammar/**'], forbidden: ['src', 'cli', 'test', 'bench'] },
  {
    files: ['src/compiler/**'],
    forbidden: ['src/runtime', 'src/verify', 'src/server', 'src/fmt', 'cli', 'test', 'bench'],
  },
  {
    files: ['src/runtime/**'],
    forbidden: ['src/verify', 'src/server', 'src/fmt', 'grammar', 'cli', 'test', 'bench'],
  },
  { files: ['src/fmt/**'], forbidden: ['src/runtime', 'src/verify', 'src/server', 'cli', 'test', 'bench'] },
  { files: ['src/verify/**', 'src/server/**'], forbidden: ['cli', 'test', 'bench'] },
  { files: ['cli/**'], forbidden: ['test', 'bench'] },
  // Editors know netc by its language server alone.
  { files: ['editors/**'], forbidden: ['grammar', 'src', 'cli', 'test', 'bench'] },
];

const zone = (target, from, message, except) => ({
  target: `./${target}`,
  from: `./${from}`,
  message,
  ...(except === undefined ? {} : { except }),
});

const zones = [
  ...layers.flatMap(({ files, forbidden }) =>
    files.flatMap((pattern) => {
      const folder = pattern.replace('/**', '');
      return forbidden.map((from) => zone(folder, from, `${folder} does not depend on ${from}`));
    }),
  ),
  zone('src/runtime', 'src/compiler', 'the runtime takes nothing of the compiler but the random numbers', [
    './random/generator.mjs',
    './random/generator.d.mts',
  ]),
];

const noNodeModules = {
  regex:
    '^(node:|(assert|buffer|child_process|crypto|fs|module|os|path|process|stream|url|util|v8|vm|worker_threads|zlib)(/|$))',
  message: 'The compiler runs in a browser too: files come through the SourceReader.',
};

export default ts.config(
  {
    ignores: [
      '**/dist/',
      '**/*.tmp/',
      'out/',
      'coverage/',
      'grammar/cst-types.ts',
      'grammar/rule-table.ts',
      'test/**/golden/',
      'test/cases/',
      // Needs packages that only the extension has: `npm run lint` in editors/vscode.
      'editors/vscode/src/vscode/',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mts', '.mjs', '.js'] })],
      'import-x/extensions': ['.ts', '.mts', '.mjs', '.js'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': 'error',
      'import-x/no-default-export': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Numbers and sizes read well in messages.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allow: [{ name: 'bigint', from: 'lib' }] },
      ],
      // `return report(...)` says in one line that the complaint ends the function.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Values of another library's enums are numbers of a published format.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Sources from strangers are searched for control characters on purpose.
      'no-control-regex': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      complexity: ['error', { max: 25, variant: 'modified' }],
      'max-depth': ['error', 4],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Modules that are copied beside a program as they are.
    files: ['src/compiler/lower/tfjs/assets/**/*.mjs'],
    plugins: { 'import-x': importX },
    rules: { 'import-x/no-cycle': 'error', 'import-x/no-default-export': 'error' },
  },
  {
    files: ['grammar/**/*.ts', 'src/compiler/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noNodeModules] }] },
  },
  {
    // An op knows of targets only the interface through which it writes itself.
    files: ['src/compiler/ops/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            noNodeModules,
            {
              regex: '/lower/(?!onnx/emitter|tfjs/emitter)',
              message: 'Op files import emitter interfaces only.',
              allowTypeImports: true,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'no-console': 'off',
    },
  },
  // Coefficients of published tables are given with all their digits.
  { rules: { 'no-loss-of-precision': 'off' } },
  {
    files: ['*.config.ts', '*.config.js', 'cli/string-width.ts'],
    rules: { 'import-x/no-default-export': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        __dirname: 'readonly',
        require: 'readonly',
        console: 'readonly',
        process: 'readonly',
        performance: 'readonly',
        URL: 'readonly',
        TextEncoder: 'readonly',
        TextDecoder: 'readonly',
        WebAssembly: 'readonly',
        setTimeout: 'readonly',
        Buffer: 'readonly',
      },
    },
  },
);
