import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo as a newcomer runs it: the built processes, a real database, a real Temporal, real services. */
function runDemo(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(packageRoot(), 'dist', 'demo', 'main.js'), ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    );
  });
}

const leftovers = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('countersign-demo-'));

/** A request that is decided before its card or its mail went out has none; and a call that was tried again has another credential. */
const atLeast = (least: number): object => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && value >= least,
});

test('F1 I1 I2 I3 I4 I6 I14 the demo: every invoice ends as it must, and the books agree with the ledger', async () => {
  const before = leftovers();
  const { code, stdout, stderr } = await runDemo(['--json']);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('All 47 invoices are accounted for') as string,
  });
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toEqual({
    submitted: 47,
    executed: 19,
    denied: 7,
    rejected: 5,
    expired: 2,
    undone: 3,
    reconciled: 4,
    invalid: 11,
    witnessEffects: 19,
    duplicateEffects: 0,
    unauthorisedEffects: 0,
    granted: atLeast(50),
    liveGrants: 0,
    mails: atLeast(10),
    cards: atLeast(5),
    staleCards: 0,
    ledger: { entries: expect.any(Number) as number, verified: true },
  });
  // Another run on this machine may end meanwhile.
  expect(leftovers().filter((name) => !before.includes(name))).toEqual([]);
}, 180_000);
