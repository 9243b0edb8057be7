import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CountersignError, type Credential } from '../../client';
import { packageRoot } from '../../config/paths';
import { verifyReceipt } from '../../evidence/receipt';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { offboard } from '../helpers/offboard';
import { vote } from '../helpers/pay';

/*
 * An agent that was lent logins to a database is taken out of service, with something of every kind in flight and its worker killed twice
 * meanwhile. What the database says of it counts, and the receipt is read by the built command line, as an auditor would run it.
 */

let lending: Lending;
beforeAll(async () => (lending = await startLending()), 60_000);
afterAll(async () => {
  await lending.hangUp();
  await lending.stop();
});

const rows = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
  (await lending.spine.auditor.query(sql, values)).rows as T[];
const state = async (): Promise<string | undefined> =>
  (await rows<{ state: string }>('select state from agents'))[0]?.state;

interface Ran {
  readonly code: number;
  readonly out: string;
}

function countersign(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ran> {
  const program = join(packageRoot(), 'dist', 'cli', 'main.js');
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...args],
      { env: { PATH: process.env['PATH'], ...env } },
      (_, out) => resolve({ code: child.exitCode ?? -1, out }),
    );
  });
}

let lent: { readonly id: string; readonly credential: Credential };
it('L3 X70 ends what was begun and what was lent, and lets nothing begin any more, with its worker killed twice', async () => {
  const done = await lending.ask();
  await lending.claim(done);
  await done.complete();
  const held = await lending.ask('books.study');
  lent = { id: held.id, credential: await lending.claim(held) };
  const session = await lending.login(lent.credential);
  const unclaimed = await lending.ask('books.study');
  const waiting = await lending.ask('books.mend');
  const approved = await lending.ask('books.mend');
  await vote(lending.spine, 'bob', approved.id, 'approve');

  await lending.spine.startWorker('settleInFlight:before-return=kill');
  expect(await offboard(lending.spine, lending.agentId)).toEqual({ moved: 'done' });
  const late = lending.ask();
  await expect(late).rejects.toBeInstanceOf(CountersignError);
  await lending.spine.worker().ended;
  await lending.spine.startWorker('issueReceipt:before=kill');
  await lending.spine.worker().ended;
  expect(await state()).toBe('offboarding');
  await lending.spine.startWorker();
  await waitUntil(async () => (await state()) === 'offboarded', {
    what: 'The agent was not offboarded',
    withinMs: 60_000,
  });

  await lending.expectDead(lent.credential, session);
  const ends = await rows<{ action: string; state: string }>('select action, state from actions');
  expect(Object.fromEntries(ends.map(({ action, state: end }) => [action, end]))).toEqual({
    [done.id]: 'executed',
    // Whatever comes first: that its agent left, or that it was asked to end.
    [held.id]: expect.stringMatching(/^(cancelled|denied)$/) as string,
    [unclaimed.id]: expect.stringMatching(/^(cancelled|denied)$/) as string,
    [waiting.id]: 'cancelled',
    [approved.id]: 'cancelled',
  });
  expect(await rows(`select from grants where state <> 'revoked' or verified <> 'absent'`)).toEqual([]);
  expect(await rows('select from agent_keys where revoked_at is null')).toEqual([]);
}, 180_000);

it('is done once, whoever asks again, and cannot be called off', async () => {
  expect(await offboard(lending.spine, lending.agentId)).toEqual({ refused: 'agent_state_forbids' });
  const events = await rows<{ event: string }>(
    `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where key like 'agent/%' order by seq`,
  );
  expect(events.map(({ event }) => event)).toEqual(['agent.moved', 'agent.cut_off', 'agent.offboarded']);
});

describe('the receipt', () => {
  let file: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const { spine } = lending;
    env = { COUNTERSIGN_HOME: spine.home, DATABASE_URL_AUDITOR: spine.database.auditorUrl };
    file = join(spine.home, 'receipt.json');
    const written = async (): Promise<boolean> => {
      const { code, out } = await countersign(['receipt', 'export', lending.agentId, '--tenant', 'demo'], env);
      writeFileSync(file, out);
      return code === 0;
    };
    await waitUntil(written, { what: 'No checkpoint covered the receipt', withinMs: 30_000 });
  }, 60_000);
  const verify = (path: string): Promise<Ran> =>
    countersign(['receipt', 'verify', path], { COUNTERSIGN_KEYS: join(lending.spine.home, 'keys') });

  it('says how everything ended, and how that was verified', () => {
    const { receipt } = JSON.parse(readFileSync(file, 'utf8')) as { receipt: Record<string, unknown> };
    expect(receipt).toMatchObject({
      agent: lending.agentId,
      generation: 1,
      actions: { byEnd: { executed: 1 } },
      grants: { byVerification: { absent: 3 } },
      keys: { revoked: 1 },
      exceptions: [],
    });
    expect(JSON.stringify(receipt)).toContain(lent.id);
  });

  it('is verified without a database', async () => {
    const { code, out } = await verify(file);
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { ok: true, tenant: 'demo', agent: lending.agentId, generation: 1, exceptions: 0 },
    ]);
  });

  it('fails with any byte of it changed', async () => {
    const text = readFileSync(file, 'utf8').trim();
    const key = createPublicKey(readFileSync(join(lending.spine.home, 'keys', 'checkpoint.pub.pem')));
    const holds = (changed: string): boolean => {
      try {
        return verifyReceipt(JSON.parse(changed), key).ok;
      } catch (error) {
        if (error instanceof SyntaxError) return false; // not even JSON any more
        throw error;
      }
    };
    expect(holds(text)).toBe(true);
    const survived = [...text].flatMap((character, at) => {
      const changed = text.slice(0, at) + (character === '1' ? '2' : '1') + text.slice(at + 1);
      return holds(changed) ? [`${String(at)}: ${text.slice(at - 20, at + 20)}`] : [];
    });
    expect(survived).toEqual([]);
    writeFileSync(file, text.replace('"executed":1', '"executed":2'));
    const { code, out } = await verify(file);
    expect([code, (JSON.parse(out) as { ok: boolean }).ok]).toEqual([1, false]);
  });
});

it('leaves every invariant standing', async () => {
  expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
}, 120_000);
