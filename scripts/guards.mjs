// Takes each guard out, one at a time, and looks for the test that says so: `npm run guards`. It works in a copy of this checkout, never in
// the checkout itself, and runs only the tests that are named. It ends with 1 where a guard can be taken out with its tests green, where its
// lines are not there any more, or where a named test is not.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import pc from 'picocolors';
import { GUARDS } from './guards/list.mjs';
import { objectionTo } from './guards/objection.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const copy = mkdtempSync(join(tmpdir(), 'countersign-guards-'));
const say = (line) => process.stderr.write(`${line}\n`);

/** What git knows or would take, and the packages as they are. */
function copyCheckout() {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const removed = new Set(
    spawnSync('git', ['ls-files', '-z', '--deleted'], { cwd: root }).stdout.toString().split('\0').filter(Boolean),
  );
  for (const path of stdout.toString().split('\0').filter(Boolean)) {
    if (removed.has(path)) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(realpathSync(join(root, 'node_modules')), join(copy, 'node_modules'));
}

const build = () =>
  spawnSync(process.execPath, ['scripts/build.mjs'], { cwd: copy, stdio: ['ignore', 2, 2] }).status === 0;

/** Every test of the given files whose name matches, with how it went. */
function run(tests) {
  const out = join(copy, '.guards.json');
  rmSync(out, { force: true });
  const files = [...new Set(tests.map(({ file }) => file))];
  const names = tests.map(({ name }) => name.source).join('|');
  const jest = [join('node_modules', 'jest', 'bin', 'jest.js'), '--json', `--outputFile=${out}`];
  // In one process of Jest's: the servers of its global setup take the other core.
  const { stderr } = spawnSync(process.execPath, [...jest, '-i', '-t', names, '--runTestsByPath', ...files], {
    cwd: copy,
    maxBuffer: 64 * 1024 * 1024,
  });
  try {
    return JSON.parse(readFileSync(out, 'utf8')).testResults.flatMap(({ assertionResults }) => assertionResults);
  } catch (cause) {
    throw new Error(`Jest did not run:\n${stderr.toString().slice(-2_000)}`, { cause });
  }
}

const named = (results, name) => results.filter(({ fullName, status }) => status !== 'pending' && name.test(fullName));

/** Takes one guard out, runs its tests, and puts it back. */
function takeOut({ file, lines, instead = '', built = false, tests }) {
  const objection = objectionTo({ file, lines }, copy);
  if (objection !== undefined) return { ok: false, result: objection };
  const path = join(copy, file);
  const whole = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    whole.replace(lines, () => instead),
  );
  try {
    if (built && !build()) return { ok: false, result: 'without it nothing is built' };
    const results = run(tests);
    const red = tests.flatMap(({ name }) => named(results, name)).filter(({ status }) => status === 'failed');
    if (red.length === 0) return { ok: false, result: 'REMOVED, AND NOTHING TURNED RED' };
    return {
      ok: true,
      red: red[0].fullName,
      result: `red: ${red.length} of ${results.filter(({ status }) => status !== 'pending').length}`,
    };
  } finally {
    writeFileSync(path, whole);
  }
}

const rows = [];
try {
  say(`Copying the checkout to ${copy} …`);
  copyCheckout();
  if (!build()) throw new Error('The checkout itself does not build.');
  say('With every guard in place …');
  const whole = run(GUARDS.flatMap(({ tests }) => tests));
  for (const { guard, file, tests, ...rest } of GUARDS) {
    const before = tests.map(({ name }) => named(whole, name));
    let row;
    if (before.some((results) => results.length === 0)) row = { ok: false, result: 'a named test is not there' };
    else if (before.flat().some(({ status }) => status !== 'passed'))
      row = { ok: false, result: 'red with the guard in place' };
    else row = takeOut({ file, tests, ...rest });
    say(`${row.ok ? pc.green('✔') : pc.red('✖')} ${guard}: ${row.result}`);
    rows.push({ guard, file, ...row });
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}

const table = new Table({
  head: ['guard', 'where', 'test that turned red', 'result'],
  style: { head: [] },
  colWidths: [34, 34, 62, 24],
  wordWrap: true,
});
for (const { guard, file, red = '—', result } of rows) table.push([guard, file, red, result]);
console.log(table.toString());
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
