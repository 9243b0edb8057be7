import { type AccessLeft, createEndAgentAccess } from '../../activities/agents/end-agent-access';
import { createIssueReceipt } from '../../activities/agents/issue-receipt';
import { type TouchingDeps } from '../../activities/deps';
import { exceptFromOffboarding, reopenGrants } from '../../db/offboarding';
import { recordRevocation } from '../../db/record-revocation';
import { type InspectResult } from '../../domain/provider';
import { beginLent } from '../helpers/lend-grant';
import { tenant, workshop, world } from '../helpers/own-workshop';
import { AGENT } from '../helpers/seed';

/* A target that answers, or does not, when it is asked what it still has. */

const GONE = { kind: 'unanswered', code: 'target_connection_lost' } as const;
let answer: InspectResult;
let asked: string[];
beforeEach(() => {
  [answer, asked] = [GONE, []];
});

const providers = (): TouchingDeps['providers'] => {
  const bank = {
    revoke: () => Promise.resolve({ kind: 'revoked' as const }),
    inspect: ({ grantIds }: { readonly grantIds: readonly string[] }) => {
      asked.push(...grantIds);
      return Promise.resolve(answer);
    },
  };
  return { http: bank, postgres: bank } as unknown as TouchingDeps['providers'];
};
const ref = (): { tenant: string; agent: string; generation: number } => ({ tenant, agent: AGENT.id, generation: 1 });
const endAccess = (more: Partial<TouchingDeps> = {}): Promise<AccessLeft> =>
  createEndAgentAccess({ ...workshop.deps, providers: providers(), ...more })(ref());
const issue = (): Promise<object> => createIssueReceipt(workshop.deps)(ref());

const lend = async (): Promise<string> => (await beginLent(world, tenant)).grantId;
/** The grant ends, and its action with it. */
async function end(grant: string): Promise<string> {
  await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grant, { kind: 'revoked' }));
  await world.rows(`update actions set state = 'executed', outcome = '{}', settled_at = now() where tenant = $1`, [
    tenant,
  ]);
  return grant;
}
async function fence(): Promise<void> {
  await world.rows(`update agents set state = 'offboarding', state_since = clock_timestamp() where tenant = $1`, [
    tenant,
  ]);
  await world.rows(`update agent_credentials set revoked_at = clock_timestamp() where tenant = $1`, [tenant]);
}

async function except(grant: string): Promise<void> {
  await world.rows(`insert into people (tenant, person, name, roles) values ($1, 'olga', 'Olga', '{operator}')`, [
    tenant,
  ]);
  const who = { actor: 'olga', reason: 'That server is scrap.' };
  const excepted = world.as('gateway', tenant, (client) => exceptFromOffboarding(client, tenant, who, AGENT.id, grant));
  expect(await excepted).toBe('done');
}
/** An operator had targets looked at, and it was there. */
const reopen = (grant: string): Promise<string[]> =>
  world.as('worker', tenant, (client) => reopenGrants(client, tenant, [grant]));
/** So many more credentials, for the action that had one already. */
const lendMore = async (name: string, count: number, end: string): Promise<object[]> =>
  world.rows(
    `insert into grants (tenant, grant_id, action, step, agent, target, expires_at, state, ended_by, revoked_at)
     select tenant, $2 || '-' || lpad(n::text, 4, '0'), action, step, agent, target, expires_at, ${end}
     from (select * from grants where tenant = $1 limit 1) g, generate_series(1, $3::integer) n`,
    [tenant, name, count],
  );

describe('L3 an agent leaves', () => {
  it('although a database that it used long before is gone, which is asked all the same', async () => {
    const grant = await end(await lend());
    await fence();
    expect(await endAccess()).toEqual({ live: 0, unanswered: [] });
    expect(asked).toEqual([grant]);
    expect(await issue()).toEqual({ issued: true });
  });

  it('once a person answers for what nobody could look for, and not before', async () => {
    const grant = await lend();
    await fence();
    await end(grant);
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: ['bank'] }, { issued: false }]);
    await except(grant);
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: [] }, { issued: true }]);
    const [row] = await world.rows<{ receipt: Record<string, unknown> }>(
      'select receipt from receipts where tenant = $1',
      [tenant],
    );
    expect(row?.receipt).toMatchObject({
      grants: { byVerification: { 'not asked': 1 } },
      exceptions: [{ subject: grant, acceptedBy: 'olga' }],
    });
  });

  it('not while one of its credentials is found alive, however long ago that was to have ended', async () => {
    const grant = await end(await lend());
    await fence();
    answer = { kind: 'found', alive: [grant] };
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: ['bank'] }, { issued: false }]);
    answer = { kind: 'found', alive: [] };
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: [] }, { issued: true }]);
  });

  it('not with a credential that is found alive after a person answered for it', async () => {
    const grant = await lend();
    await fence();
    await end(grant);
    await except(grant);
    await reopen(grant);
    expect(await issue()).toEqual({ issued: false });
    answer = { kind: 'found', alive: [] };
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: [] }, { issued: true }]);
  });

  it('not before a credential was looked for that was found alive after the last look', async () => {
    const grant = await lend();
    await fence();
    await end(grant);
    answer = { kind: 'found', alive: [] };
    await endAccess();
    await reopen(grant);
    await end(grant);
    expect(await issue()).toEqual({ issued: false });
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: [] }, { issued: true }]);
  });

  it('not while more credentials than are looked at at once are at a target that does not answer', async () => {
    const grant = await lend();
    await fence();
    await end(grant);
    // Those that come first by their name are those that ended first.
    await lendMore('dead', 2_500, `'revoked', 'revoked', clock_timestamp() + n * interval '1 millisecond'`);
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: ['bank'] }, { issued: false }]);
  });

  it('at once with however many credentials its targets answer for', async () => {
    const grant = await lend();
    await lendMore('live', 250, `'created', null, null`);
    await fence();
    await end(grant);
    await lendMore('dead', 2_500, `'revoked', 'revoked', clock_timestamp()`);
    answer = { kind: 'found', alive: [] };
    expect([await endAccess(), await issue()]).toEqual([{ live: 0, unanswered: [] }, { issued: true }]);
  });

  it('in as many turns as it takes, where that is more than one may last', async () => {
    const grant = await lend();
    await lendMore('live', 150, `'created', null, null`);
    await fence();
    await end(grant);
    await lendMore('dead', 1_200, `'revoked', 'revoked', clock_timestamp()`);
    answer = { kind: 'found', alive: [] };
    let now = 0;
    const slow = { monotonicMs: () => (now += 10_000) }; // each page takes that long
    const turns = [await endAccess(slow), await endAccess(slow), await endAccess(slow), await endAccess(slow)];
    expect(turns).toEqual([
      { live: 50, unanswered: ['bank'] },
      { live: 0, unanswered: ['bank'] },
      { live: 0, unanswered: ['bank'] },
      { live: 0, unanswered: [] },
    ]);
    expect(await issue()).toEqual({ issued: true });
  });
});
