import { createReadVerdict } from '../../activities/read-verdict';
import { changePeople } from '../../db/change-people';
import { openApproval } from '../../db/open-approval';
import { type OpenStage } from '../../domain/approval';
import { type ApprovalChain } from '../../domain/documents';
import { waitUntil } from '../../stack/wait-until';
import { askPeople, begin, chain, decideOn, readyAction, seedAction, type SeededAction, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { createDeparting, type Departing } from './departing';

let world: World;
let d: Departing;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (d = await createDeparting(world)));
afterAll(() => world.close());

async function asked(...chains: ApprovalChain[]): Promise<SeededAction> {
  const action = await seedAction(world, d.tenant);
  await askPeople(world, action, chains);
  return action;
}
const read = ({ actionId }: SeededAction) => createReadVerdict(d.deps)({ tenant: d.tenant, actionId });
async function eligible({ request }: SeededAction): Promise<readonly string[] | undefined> {
  const [found] = await d.sql<{ stages: OpenStage[] }>(
    'select stages from approval_requests where tenant = $1 and request = $2',
    request,
  );
  return found?.stages[0]?.eligible;
}
async function noticed(): Promise<number> {
  const [found] = await d.sql<{ version: number }>('select version::integer from notices where tenant = $1');
  return found?.version ?? 0;
}

describe('a request that waits for a person who left', () => {
  it('X87 is left to the rest of the group, who are shown it anew; the person answers nowhere', async () => {
    const action = await asked(chain('finance', 2));
    expect(await vote(world, action, 'bob')).toBe('recorded');
    const before = await noticed();
    await d.leave('bob');
    await d.sendMessages();
    await d.handOver('bob');
    expect(await eligible(action)).toEqual(['carol', 'dora']);
    expect(await vote(world, action, 'bob', { choice: 'deny', channel: 'email' })).toBe('not_entitled');
    expect(await d.messages()).toEqual([{ kind: 'wake', n: 1 }]);
    expect(await noticed()).toBeGreaterThan(before);
    // X12: what he countersigned counts no more, so it takes two others.
    await vote(world, action, 'carol');
    expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['dora'] } });
    await vote(world, action, 'dora');
    expect(await read(action)).toEqual({ kind: 'approved' });
    expect(await d.of('bob')).toEqual({ rerouted: [action.request] });
    expect(await d.told('^approval/.*/rerouted/')).toEqual(['approval.rerouted']);
  });

  it('X12 begins nothing on the vote of whoever left after it was approved', async () => {
    const action = await readyAction(world, d.tenant, { chains: [chain('finance', 1)], voters: ['bob'] });
    await d.leave('bob');
    await d.handOver('bob');
    expect(await begin(world, action)).toEqual({ refused: 'votes_void' });
  });

  it('X87 goes at once to those it would have been escalated to, where too few are left', async () => {
    const escalate = { afterMs: 3_600_000, to: ['group:finance'] };
    const action = await asked(chain('directors', 2, { escalate }));
    await d.leave('erin');
    await d.handOver('erin');
    expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['bob', 'carol', 'dora'] } });
    expect(await vote(world, action, 'bob')).toBe('recorded');
    expect(await vote(world, action, 'dora')).toBe('recorded');
    expect(await read(action)).toEqual({ kind: 'approved' });
  });

  it('X87 is denied where too few are left, as it would not have been opened for them', async () => {
    const action = await asked(chain('directors', 2));
    const other = await asked(chain('directors', 1));
    await d.leave('erin');
    await d.handOver('erin');
    expect(await read(action)).toEqual({ kind: 'unanswerable' });
    expect(await read(action)).toEqual({ kind: 'unanswerable' });
    expect(await vote(world, action, 'dora')).toBe('approval_closed');
    expect(await read(other)).toMatchObject({ kind: 'open', waiting: { people: ['dora'] } });
    expect(await d.of('erin')).toEqual({ unanswerable: [action.request], rerouted: [other.request] });
    const closed = await d.sql(
      `select leaf::jsonb -> 'entry' ->> 'state' as state from ledger where tenant = $1 and key ~ '/closed$'`,
    );
    expect(closed).toEqual([{ state: 'unanswerable' }]);
  });

  it('X8 is not left to the heir of its agent, nor counts what they said before', async () => {
    const action = await asked(chain('finance', 2));
    const alone = await asked(chain('directors', 2));
    await vote(world, action, 'dora');
    await d.leave('alice', 'dora');
    await d.handOver('alice');
    expect(await vote(world, action, 'dora', { choice: 'deny' })).toBe('self_approval');
    expect(await read(action)).toMatchObject({ kind: 'open', waiting: { people: ['bob', 'carol'] } });
    expect(await read(alone)).toEqual({ kind: 'unanswerable' });
  });

  it('X7 stays denied by a denial of whoever left', async () => {
    const action = await asked(chain('directors', 2));
    await vote(world, action, 'erin', { choice: 'deny' });
    await d.leave('erin');
    await d.handOver('erin');
    expect(await read(action)).toEqual({ kind: 'rejected' });
  });

  it('X87 is denied where whoever is left has a seat already', async () => {
    const action = await asked(chain('finance', 1), chain('directors', 1));
    await vote(world, action, 'dora');
    await d.leave('erin');
    await d.handOver('erin');
    expect(await read(action)).toEqual({ kind: 'unanswerable' });
  });

  it('X87 is not opened for them while they leave', async () => {
    const action = await seedAction(world, d.tenant);
    await decideOn(world, action, { effect: 'require_approval', chains: ['finance-1'] });
    const opening = { actionId: action.actionId, environment: 'test', round: 1, digest: action.digest };
    let opened: Promise<boolean> | undefined;
    await world.as('gateway', d.tenant, async (client) => {
      await changePeople(client, d.tenant, { actor: 'adam', person: 'bob', reason: 'r' }, { do: 'leave' });
      opened = world.as('worker', d.tenant, (other) =>
        openApproval(other, d.tenant, { ...opening, chains: [chain('finance', 1)] }),
      );
      const waits = async (): Promise<boolean> =>
        (
          await world.rows(`select from pg_locks where locktype = 'advisory' and not granted and database =
          (select oid from pg_database where datname = current_database())`)
        ).length > 0;
      await waitUntil(waits, { what: 'Nobody waited', withinMs: 10_000 });
    });
    expect(await opened).toBe(true);
    expect(await eligible(action)).toEqual(['carol', 'dora']);
  });
});
