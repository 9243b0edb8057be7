import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../config/paths';
import { type Failure } from '../domain/failure';
import { REASONS } from '../domain/reasons';
import { REFUSALS } from '../domain/refusals';

const HEAD = `# Errors

Every code that Countersign answers with, in one list. It is written from \`domain/failures.ts\` by
\`npm run --silent build && node dist/scripts/write-errors.js\`; a test compares the two.

- An error answer is a problem document (RFC 9457): \`type\` is \`urn:countersign:error:<code>\`, \`code\` the code itself.
- An action that ends other than executed is no error: its outcome is a 200 and lists its \`reasons\`, each with a code.
- Codes that begin with \`target_\` (\`target_refused_422\`, \`target_error_503\`, \`target_no_answer\`) say what a call to a target came to. They stand in the
  log, in effects and in grants, and never repeat what the target said: that may hold a credential.
- Codes of findings (\`payments.over_limit\`) belong to the policies that bring them. Only the decision point may use the prefix \`policy_error:\`.
- "Again" says whether the same request, sent again unchanged, may succeed.
`;

/** The table of one half of the catalogue, in its order. */
function table(title: string, failures: Readonly<Record<string, Failure>>): string {
  const rows = Object.entries(failures).map(
    ([code, { status, retryable, sentence, operator }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${sentence} | ${operator} |`,
  );
  const head = ['| Code | HTTP | Again | What it says | What the operator does |', '| --- | --- | --- | --- | --- |'];
  return `\n## ${title}\n\n${[...head, ...rows].join('\n')}\n`;
}

/** The whole of `docs/errors.md`. */
export function renderErrors(): string {
  return HEAD + table('A request is refused', REFUSALS) + table('An action ends, waits, or cannot go on', REASONS);
}

/** Writes the document; with `--check` only says whether it is what would be written. */
function main(): void {
  const file = join(packageRoot(), 'docs', 'errors.md');
  if (!process.argv.includes('--check')) return writeFileSync(file, renderErrors());
  if (readFileSync(file, 'utf8') === renderErrors()) return;
  console.error('docs/errors.md is not what domain/failures.ts says. Write it anew: node dist/scripts/write-errors.js');
  process.exitCode = 1;
}

if (require.main === module) main();
