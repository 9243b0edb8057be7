import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// The three that Temporal's workflow bundler allows too; everything else would break determinism.
const SANDBOX_BUILTINS = new Set(['assert', 'url', 'util']);
const forbiddenInSandbox = builtinModules
  .filter((name) => !SANDBOX_BUILTINS.has(name) && !name.startsWith('_'))
  .flatMap((name) => [name, `node:${name}`]);

const ENV = { object: 'process', property: 'env', message: 'Only config/ reads the environment.' };
const RANDOM = { object: 'Math', property: 'random', message: 'Chance is an argument.' };

/** A worker evaluates these modules once, for all workflows that it runs: what one remembers there, another finds, and replays differently. */
const sharedState = {
  selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
  message: 'All workflows of a worker share this: keep state in the workflow.',
};

/** Syntax that nobody needs here, each with what to write instead. */
const forbiddenSyntax = [
  { selector: 'TSEnumDeclaration', message: 'Write a union of string literals.' },
  { selector: 'ExportDefaultDeclaration', message: 'Name what you export; the file is named after it.' },
  {
    selector: 'ImportDeclaration[importKind="type"]:not(:has(ImportNamespaceSpecifier))',
    message: 'Write import { type X }.',
  },
  { selector: 'MemberExpression[property.name="NODE_ENV"]', message: 'No code path asks whether it is under test.' },
  {
    selector:
      'CallExpression[callee.property.name="catch"] > ArrowFunctionExpression:matches([body.type="BlockStatement"][body.body.length=0], [body.type="Identifier"][body.name="undefined"], [body.type="Literal"][body.raw="null"])',
    message: 'An error is handled or passed on, never swallowed.',
  },
];

export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', '.countersign/**', '**/*.{js,cjs,mjs}'] },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/only-throw-error': 'error',
      // An async function without await turns a throw into a rejection: that is what its caller was promised.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-restricted-properties': ['error', ENV],
      'no-restricted-syntax': ['error', ...forbiddenSyntax],
      'prefer-const': 'error',
    },
  },
  // What these return is what they infer: to write it down would be to write it twice.
  {
    files: ['activities/index.ts', 'bundle/documents/shapes.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  // Binaryen describes itself wrongly in places, and the linter does not know import attributes in types.
  {
    files: ['bundle/rego/add-fuel.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
    },
  },
  // Jest asks its own files for a default export.
  { files: ['test/setup/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    // Whoever talks to a person writes to the terminal; everything else logs.
    files: ['**/*.{ts,tsx}'],
    ignores: ['cli/**', 'demo/**', 'bench/**', 'scripts/**', 'test/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { paths: forbiddenInSandbox }],
      'no-restricted-globals': ['error', 'Date', 'process', 'fetch'],
      'no-restricted-properties': ['error', ENV, RANDOM],
      'no-restricted-syntax': ['error', ...forbiddenSyntax, sharedState],
    },
  },
  {
    files: ['domain/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'Date', 'process', 'fetch', 'setTimeout', 'setInterval'] },
  },
  { files: ['config/**/*.ts', 'scripts/**/*.ts', 'bench/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['test/**/*.ts'],
    rules: {
      // What an answer holds is what the test asks.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines-per-function': 'off',
      'no-restricted-properties': 'off',
    },
  },
);
