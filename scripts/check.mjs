// Everything that can be known without running a single action: `npm run check`, the same here and in CI.
// All steps run, two at a time; what failed is told at the end, in full.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pc from 'picocolors';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const bin = (name) => `node_modules/.bin/${name}`;
const cli = (...args) => ['node', 'dist/cli/main.js', ...args];
const ROOMS = readdirSync('.', { withFileTypes: true })
  .filter(
    (entry) =>
      entry.isDirectory() && !entry.name.startsWith('.') && !['node_modules', 'dist', 'coverage'].includes(entry.name),
  )
  .map((entry) => entry.name);
const POLICIES = ['policies/starter', 'demo/policies', 'docs/example/policies'];

/** The build is the type check too; what follows runs from dist/. */
const first = { name: 'types, build', command: ['node', 'scripts/build.mjs'] };
const steps = [
  { name: 'lint', command: [bin('eslint'), '.', '--max-warnings', '0'] },
  { name: 'layers', command: [bin('depcruise'), '--config', '.dependency-cruiser.cjs', ...ROOMS] },
  { name: 'format', command: [bin('prettier'), '--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', command: [bin('knip'), '--no-progress'] },
  { name: 'rego: format, strict, library tests', command: ['node', 'dist/scripts/check-rego.js'] },
  ...POLICIES.flatMap((directory) => [
    { name: `policy: ${directory} is well formed`, command: cli('policy', 'check', directory) },
    { name: `policy: ${directory} passes its tests`, command: cli('policy', 'test', directory) },
  ]),
  { name: 'compiled policies match their sources', command: ['node', 'dist/scripts/build-policies.js', '--check'] },
  { name: 'db/schema.sql matches the migrations', command: ['node', 'dist/scripts/dump-schema.js', '--check'] },
  { name: 'docs/errors.md matches the catalogue', command: ['node', 'dist/scripts/write-errors.js', '--check'] },
  { name: 'guards stand where they are looked for', command: ['node', 'scripts/check-guards.mjs'] },
  { name: 'docs/images/slack-card.svg is the card', command: ['node', 'dist/scripts/draw-card.js', '--check'] },
];

/** Runs one step to its end and prints its line; answers with its output if it failed. */
async function run({ name, command: [file, ...args] }) {
  const started = performance.now();
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const [code] = await once(child, 'close');
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  console.log(`${code === 0 ? pc.green('✔') : pc.red('✖')} ${pc.dim(`${seconds} s`)}  ${name}`);
  return code === 0
    ? []
    : [{ name, command: [file, ...args].join(' '), output: Buffer.concat(output).toString().trim() }];
}

const failures = await run(first);
const waiting = [...steps];
const lane = async () => {
  for (let step = waiting.shift(); step; step = waiting.shift()) failures.push(...(await run(step)));
};
await Promise.all([lane(), lane()]);

for (const { name, command, output } of failures) console.error(`\n${pc.red(name)}  ${pc.dim(command)}\n${output}`);
if (failures.length > 0) console.error(`\n${failures.length} of ${steps.length + 1} checks failed.`);
process.exitCode = failures.length > 0 ? 1 : 0;
