// Makes each small mistake that the gate, the binding of votes and the ledger's verification could hold, one at a time, and looks whether a
// fast test says so: `npm run mutants`, or `npm run mutants -- domain/verdict.ts` for some of the files. Nothing in the checkout is written.
// It ends with 1 where the tests are red with no mistake at all; survivors are for people to judge (docs/testing.md).
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import pc from 'picocolors';
import { MUTATED } from './mutants/list.mjs';
import { mutantsOf } from './mutants/mutate.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
/** A mutant may make a loop endless. What the tests took without any, many times over, and the time in which a new lane loads everything. */
const giveUpAfterMs = (tookMs) => 3_000 + 6 * tookMs;
/** A machine of two cores is what it is made for. */
const LANES = 2;

const only = process.argv.slice(2);
const files = MUTATED.filter(({ file }) => only.length === 0 || only.some((part) => file.includes(part)));

/** A process that runs tests; a new one where the last never answered. */
class Lane {
  #child;

  run(question, giveUpMs = 60_000) {
    this.#child ??= fork(fileURLToPath(new URL('mutants/lane.mjs', import.meta.url)), {
      cwd: root,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const child = this.#child;
    return new Promise((resolve) => {
      const end = (answer) => {
        clearTimeout(timer);
        child.removeAllListeners();
        if (answer === undefined) {
          child.kill('SIGKILL');
          this.#child = undefined;
        }
        resolve(answer ?? { failed: 'never ended', reached: true });
      };
      const timer = setTimeout(end, giveUpMs);
      child.once('message', end);
      child.once('exit', () => end());
      child.send(question);
    });
  }

  end() {
    this.#child?.disconnect();
  }
}

async function judge(lane, { file, tests, text, tookMs }, { start, end, instead, reached }) {
  const put = (piece) =>
    lane.run({ tests, file, text: text.slice(0, start) + piece + text.slice(end) }, giveUpAfterMs(tookMs));
  const { failed } = await put(instead);
  if (failed !== undefined) return 'killed';
  return (await put(reached)).reached ? 'survived' : 'no cover';
}

const started = performance.now();
const waiting = [];
const results = [];
let red = false;

async function work(lane) {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const result = await judge(lane, next.source, next.mutant);
    results.push({ ...next.mutant, result });
  }
  lane.end();
}

const lanes = Array.from({ length: LANES }, () => new Lane());
for (const { file, tests } of files) {
  await lanes[0].run({ tests }); // loads what they need
  const before = performance.now();
  const { failed } = await lanes[0].run({ tests });
  const text = readFileSync(`${root}/${file}`, 'utf8');
  const source = { file, tests, text, tookMs: performance.now() - before };
  waiting.push(...mutantsOf(file, text).map((mutant) => ({ source, mutant })));
  if (failed === undefined) continue;
  red = true;
  console.error(pc.red(`The tests of ${file} are red without any mutant: ${failed}`));
}
if (red) lanes.forEach((lane) => lane.end());
else await Promise.all(lanes.map(work));

const table = new Table({ head: ['file', 'mutants', 'killed', 'survived', 'no cover'], style: { head: [] } });
const count = (file, result) =>
  results.filter(
    (each) => (file === undefined || each.file === file) && (result === undefined || each.result === result),
  ).length;
for (const file of [...files.map((each) => each.file), undefined])
  table.push([file ?? 'all', ...[undefined, 'killed', 'survived', 'no cover'].map((result) => count(file, result))]);
const alive = results.filter(({ result }) => result !== 'killed');
for (const { file, line, what, result } of alive.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line))
  console.log(`${result.padEnd(9)} ${file}:${line}  ${what}`);
console.log(table.toString());
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
process.exitCode = red ? 1 : 0;
