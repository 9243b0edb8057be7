import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { Countersign, CountersignError, type Credential, enrol } from '../../client';
import { verifyReceipt } from '../../evidence/receipt';
import { waitUntil } from '../../stack/wait-until';
import { checkInvariants } from '../helpers/check-invariants';
import { type Lending, startLending } from '../helpers/lending';
import { offboard } from '../helpers/offboard';
import { ended, vote } from '../helpers/pay';
import { type Ran, runCountersign } from '../helpers/run-countersign';

/*
 * An agent that was lent logins to a database is taken out of service, with something of every kind in flight and its worker killed twice
 * meanwhile. What the database says of it counts, and the receipt is read by the built command line, as an auditor would run it.
 */

/** A database that nobody reaches any more. */
const ATTIC = {
  ...{ kind: 'Target', id: 'attic', provider: 'postgres', address: 'postgres://attic.invalid/attic' },
  minter: { role: 'attic_minter', secret: 'attic-minter' },
  operations: { reading: { profile: 'attic_reader' } },
};

let lending: Lending;
beforeAll(async () => (lending = await startLending({ 'targets/attic.json': JSON.stringify(ATTIC) })), 60_000);
afterAll(async () => {
  await lending.hangUp();
  await lending.stop();
});

const rows = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
  (await lending.spine.auditor.query(sql, values)).rows as T[];
const state = async (): Promise<string | undefined> =>
  (await rows<{ state: string }>('select state from agents where agent = $1', lending.agentId))[0]?.state;

/** An agent like the one that is offboarded, which comes from `parent`, and has a key of its own. */
async function childOf(parent: string, id: string): Promise<Countersign> {
  const key = `test-key-of-${id}-0123456789`;
  const superuser = new Client({ connectionString: lending.spine.database.superuserUrl });
  await superuser.connect();
  await superuser.query(
    `insert into agents (tenant, agent, version, owner, creator, team, environment, roles, parent, parent_generation)
     select tenant, $2, version, owner, creator, team, environment, roles, agent, generation from agents where agent = $1`,
    [parent, id],
  );
  await superuser.query(`insert into agent_keys (tenant, key_hash, agent, generation) values ('demo', $1, $2, 1)`, [
    createHash('sha256').update(key).digest(),
    id,
  ]);
  await superuser.end();
  return new Countersign({ url: lending.spine.gatewayUrl, key });
}

/** Lets it register a key of its own, as in production, and the next one under that. */
async function enrolAndRotate(): Promise<void> {
  const { adminUrl, gatewayUrl, home, people } = lending.spine;
  const issued = await fetch(`${adminUrl}/v1/admin/agents/${lending.agentId}/enrolments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${people.alice.token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  const credential = join(home, 'agent.json');
  await enrol(gatewayUrl, ((await issued.json()) as { secret: string }).secret, credential);
  await new Countersign({ url: gatewayUrl, credential }).rotate();
}

/** What became of it nobody can look for: its credential was for a database that is gone since. */
async function inTheAttic(action: string): Promise<void> {
  const owner = new Client({ connectionString: lending.spine.database.superuserUrl });
  await owner.connect();
  await owner.query(`update grants set target = 'attic' where action = $1 and state = 'revoked'`, [action]);
  await owner.end();
}

let overdue: string;
/** In which a target that fails is asked again at once, and not only minutes later; but at every seventeenth try. */
const HURRY = `
  create function hurry() returns trigger language plpgsql as $$ begin
    if new.revoke_attempts % 17 <> 0 then new.next_revoke_at := clock_timestamp(); end if;
    return new;
  end $$;
  create trigger hurry before update of revoke_attempts on grants for each row when (new.state = 'revoking') execute function hurry();`;

it('F20 X56 a credential whose target fails fifty times, over three deaths of the worker, is told of once, stops its agent, and ends', async () => {
  const { spine, books } = lending;
  const owner = new Client({ connectionString: spine.database.superuserUrl });
  await owner.connect();
  const { role } = books.target.minter;
  try {
    await owner.query(HURRY);
    const handle = await lending.ask('books.study');
    overdue = handle.id;
    const credential = await lending.claim(handle);
    const session = await lending.login(credential);
    await books.rows(`alter role ${role} nologin`);
    await books.rows('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role]);
    expect((await handle.complete({ result: { rows: 1 } }, { waitMs: 0 })).kind).toBe('pending');
    const tried = async (more: number): Promise<number> => {
      const grant = async (): Promise<{ state: string; n: number } | undefined> =>
        (await rows<{ state: string; n: number }>('select state, revoke_attempts as n from grants'))[0];
      await waitUntil(async () => ((await grant())?.n ?? 0) >= more, { what: 'Nobody tries on', withinMs: 60_000 });
      const { state: now, n = 0 } = (await grant()) ?? {};
      expect(now).toBe('revoking');
      return n;
    };
    for (let death = 1, tries = await tried(17); death <= 3; death++) {
      process.kill(spine.worker().pid, 'SIGKILL');
      await spine.startWorker();
      await owner.query(`update grants set next_revoke_at = now()`);
      tries = await tried(Math.max(tries + 1, 17 * death));
    }
    await tried(50);

    expect(await state()).toBe('quarantined');
    expect(await rows('select kind, state from tasks')).toEqual([{ kind: 'revocation_overdue', state: 'open' }]);
    const { rows: measured } = await owner.query(
      `select value from measure_operations() where measure = 'overdue_revocations'`,
    );
    expect(measured).toEqual([{ value: 1 }]);
    // It is alive, and our books say so.
    expect((await session.query('select 1')).rowCount).toBe(1);

    await books.rows(`alter role ${role} login`);
    await owner.query('update grants set next_revoke_at = now()');
    expect(await ended(spine, handle.id, 90_000)).toMatchObject({ kind: 'executed' });
    await lending.expectDead(credential, session);
    expect(await rows('select kind, resolution from tasks')).toEqual([
      { kind: 'revocation_overdue', resolution: 'mended' },
    ]);
    const told = (await lending.eventsOf(handle.id)).filter((event) => /^(task|grant)\./.test(event));
    expect(told.toSorted()).toEqual([
      ...['grant.claimed', 'grant.ended', 'grant.minted', 'grant.overdue', 'grant.returned'],
      ...['task.opened', 'task.resolved'],
    ]);
  } finally {
    await books.rows(`alter role ${role} login`);
    await owner.query(`drop function hurry cascade; update agents set state = 'active'`);
    await owner.end();
  }
}, 240_000);

let lent: { readonly id: string; readonly credential: Credential };
it('L3 T15 X70 ends what was begun and what was lent, and lets nothing begin any more, with its worker killed twice', async () => {
  const done = await lending.ask();
  await lending.claim(done);
  await done.complete();
  await inTheAttic(done.id);
  const held = await lending.ask('books.study');
  lent = { id: held.id, credential: await lending.claim(held) };
  const session = await lending.login(lent.credential);
  await childOf(lending.agentId, 'child');
  const grandchild = await childOf('child', 'grandchild');
  const below = await grandchild.submit('books.study', { why: 'to see' }, { key: randomUUID() });
  const theirs = await lending.claim(below);
  const theirSession = await lending.login(theirs);
  const unclaimed = await lending.ask('books.study');
  await waitUntil(async () => (await rows('select from grants where action = $1', unclaimed.id)).length === 1, {
    what: 'Nothing was granted that could stay unclaimed',
    withinMs: 20_000,
  });
  const waiting = await lending.ask('books.mend');
  const approved = await lending.ask('books.mend');
  await vote(lending.spine, 'bob', approved.id, 'approve');
  await enrolAndRotate();

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
  await lending.expectDead(theirs, theirSession);
  const ends = await rows<{ action: string; state: string }>('select action, state from actions');
  expect(Object.fromEntries(ends.map(({ action, state: end }) => [action, end]))).toEqual({
    [done.id]: 'executed',
    [overdue]: 'executed',
    // Whatever comes first: that its agent left, or that it was asked to end.
    [held.id]: expect.stringMatching(/^(cancelled|denied)$/) as string,
    [below.id]: expect.stringMatching(/^(cancelled|denied)$/) as string,
    [unclaimed.id]: expect.stringMatching(/^(cancelled|denied)$/) as string,
    [waiting.id]: 'cancelled',
    [approved.id]: 'cancelled',
  });
  expect(await rows(`select from grants where state <> 'revoked' or verified <> 'absent'`)).toEqual([]);
  expect(await rows('select action from grants where verified is null')).toEqual([{ action: done.id }]);
  expect(await rows('select from agent_keys where revoked_at is null')).toEqual([]);
  expect(await rows('select from agent_credentials where revoked_at is null')).toEqual([]);
  expect(await rows(`select from agents where state <> 'offboarded'`)).toEqual([]);
}, 180_000);

it('is done once, whoever asks again, and cannot be called off', async () => {
  expect(await offboard(lending.spine, lending.agentId)).toEqual({ refused: 'agent_state_forbids' });
  const events = await rows<{ event: string }>(
    `select leaf::jsonb -> 'entry' ->> 'event' as event from ledger where key like 'agent/' || $1 || '/%' order by seq desc limit 3`,
    lending.agentId,
  );
  expect(events.map(({ event }) => event)).toEqual(['agent.offboarded', 'agent.cut_off', 'agent.moved']);
});

describe('the receipt', () => {
  let file: string;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const { spine } = lending;
    env = { COUNTERSIGN_HOME: spine.home, DATABASE_URL_AUDITOR: spine.database.auditorUrl };
    file = join(spine.home, 'receipt.json');
    const written = async (): Promise<boolean> => {
      const { code, out } = await runCountersign(['receipt', 'export', lending.agentId, '--tenant', 'demo'], env);
      writeFileSync(file, out);
      return code === 0;
    };
    await waitUntil(written, { what: 'No checkpoint covered the receipt', withinMs: 30_000 });
  }, 60_000);
  const verify = (path: string): Promise<Ran> =>
    runCountersign(['receipt', 'verify', path], { COUNTERSIGN_KEYS: join(lending.spine.home, 'keys') });

  it('says how everything ended, and how that was verified', () => {
    const { receipt } = JSON.parse(readFileSync(file, 'utf8')) as { receipt: Record<string, unknown> };
    expect(receipt).toMatchObject({
      agent: lending.agentId,
      generation: 1,
      actions: { byEnd: { executed: 2 } },
      grants: { byVerification: { absent: 3, 'not asked': 1 } },
      // That of the demo, the one that it enrolled with, and the one that followed.
      keys: { revoked: 3 },
      exceptions: [],
      children: ['child', 'grandchild'].map((agent) => ({
        ...{ agent, generation: 1, state: 'offboarded' },
        receipt: expect.stringMatching(/^sha256:/) as string,
      })),
    });
    expect(JSON.stringify(receipt)).toContain(lent.id);
  });

  it('counts the keys that were ended as the ledger does', async () => {
    const { receipt } = JSON.parse(readFileSync(file, 'utf8')) as { receipt: { keys: { revoked: number } } };
    const told = await rows(
      `select (leaf::jsonb -> 'entry' ->> 'keys')::integer as revoked from ledger
       where leaf::jsonb -> 'entry' ->> 'event' = 'agent.cut_off' and leaf::jsonb -> 'entry' ->> 'agent' = $1`,
      lending.agentId,
    );
    expect(told).toEqual([receipt.keys]);
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
    writeFileSync(file, text.replace('"executed":2', '"executed":3'));
    const { code, out } = await verify(file);
    expect([code, (JSON.parse(out) as { ok: boolean }).ok]).toEqual([1, false]);
  });
});

it('leaves every invariant standing', async () => {
  expect(await checkInvariants({ ...lending.spine, books: lending.books })).toEqual([]);
}, 120_000);
