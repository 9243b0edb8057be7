import { randomBytes } from 'node:crypto';
import { type ClaimAnswer, claimGrant, findSealed } from '../../db/claim-grant';
import { closeApproval } from '../../db/close-approval';
import { type OverdueGrant, takeOverdueGrants } from '../../db/live-grants';
import { beginMint, type MintBeginning, recordMint } from '../../db/mint';
import { recordRevocation } from '../../db/record-revocation';
import { requestCancel } from '../../db/request-cancel';
import { type ReturnAnswer, returnGrant } from '../../db/return-grant';
import { askPeople, begin, decideOn, seedAction, type SeededAction, seedTenant, TYPE, vote } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { moveFence } from '../helpers/move-fence';
import { showKey } from '../helpers/show-key';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const newKey = (): string => randomBytes(32).toString('base64url');
const ME = { agent: 'payer', generation: 1 };

/** The grant of an action that was begun. */
async function lent(lane = 'granted', grantTtlMs = 60_000): Promise<{ grant: string; actionId: string }> {
  const action = await asked(lane);
  await decideOn(world, action);
  return { grant: await begun(action, grantTtlMs), actionId: action.actionId };
}

const asked = (lane = 'granted'): Promise<SeededAction> =>
  seedAction(world, tenant, { type: { ...TYPE, effect: 'read', lane } });

async function begun(action: SeededAction, grantTtlMs = 60_000): Promise<string> {
  await decideOn(world, action, { stage: 'preflight/pay' });
  const beginning = await begin(world, action, { grantTtlMs });
  if (!('begun' in beginning)) throw new Error(beginning.refused);
  return beginning.begun.grantId;
}

const claim = async (grant: string, key = newKey(), who = ME, of = tenant): Promise<ClaimAnswer> =>
  await world.as('gateway', of, (client) => claimGrant(client, of, grant, who, key));
const mint = async (grant: string): Promise<MintBeginning> =>
  await world.as('worker', tenant, (client) => beginMint(client, tenant, grant));
const record = async (grant: string, beginning: MintBeginning): Promise<string | null> => {
  if (!('begun' in beginning)) throw new Error(beginning.refused);
  const { claim: number, mint: nth } = beginning.begun;
  const minted = { grantId: grant, claim: number, mint: nth, jwe: `sealed-${String(number)}-${String(nth)}` };
  return await world.as('worker', tenant, (client) => recordMint(client, tenant, minted));
};
const giveBack = async (
  grant: string,
  as: 'done' | 'failed' = 'done',
  report: string | null = null,
): Promise<ReturnAnswer> =>
  await world.as('gateway', tenant, (client) => returnGrant(client, tenant, grant, ME, { as, report }));
const sealed = async (grant: string, key: string): Promise<string | null> =>
  (await world.as('gateway', tenant, (client) => findSealed(client, tenant, grant, key))).jwe;
const overdue = async (): Promise<readonly OverdueGrant[]> =>
  (await world.as('loops', tenant, (client) => takeOverdueGrants(client, 10_000, 100))).filter(
    (row) => row.tenant === tenant,
  );

describe('the time of a grant', () => {
  const hours = async (grant: string): Promise<number> =>
    (
      await world.rows<{ hours: number }>(
        'select extract(epoch from expires_at - created_at)::float8 / 3600 as hours from grants where grant_id = $1',
        [grant],
      )
    )[0]?.hours ?? Number.NaN;

  it.each([3_600_001, 1e12, Number.MAX_SAFE_INTEGER])('X53 is an hour where a worker asks for %d ms', async (ttlMs) => {
    expect(await hours((await lent('granted', ttlMs)).grant)).toBeCloseTo(1, 3);
  });

  it.each([0, -1, -1e12])('X53 is over at once where it is %d ms: nothing can be claimed', async (ttlMs) => {
    const { grant } = await lent('granted', ttlMs);
    expect(await hours(grant)).toBeLessThanOrEqual(0);
    expect(await claim(grant)).toBe('grant_over');
  });

  it('X53 is moved by nobody once it is written', async () => {
    const { grant } = await lent();
    for (const role of ['gateway', 'worker', 'loops'] as const) {
      const move = world.as(role, tenant, (client) =>
        client.query(`update grants set expires_at = expires_at + interval '1 s' where grant_id = $1`, [grant]),
      );
      await expect(move).rejects.toMatchObject({ code: '42501' });
    }
  });
});

/** What ends access that is lent, each by itself. */
const ENDS: readonly (readonly [name: string, end: (grant: string, actionId: string) => Promise<unknown>])[] = [
  ['a fence was closed', () => fence(true)],
  ['a fence was closed and opened again', async () => void (await fence(true), await fence(false))],
  ['its agent was paused', () => world.rows(`update agents set state = 'paused' where tenant = $1`, [tenant])],
  ['its agent was registered anew', () => world.rows('update agents set generation = 2 where tenant = $1', [tenant])],
  [
    'it was cancelled',
    (_, action) => world.as('gateway', tenant, (client) => requestCancel(client, tenant, action, 'person:bob')),
  ],
  [
    'its step was begun anew, under another grant',
    (grant) => world.rows(`update effects set grant_id = 'another' where grant_id = $1`, [grant]),
  ],
  [
    'nobody knows what was decided',
    (_, action) => world.rows(`update decisions set stage = 'lost' where action = $1 and stage = 'initial'`, [action]),
  ],
  ['its time is over', (grant) => world.rows('update grants set expires_at = now() where grant_id = $1', [grant])],
  [
    'it was revoked',
    (grant) => world.as('worker', tenant, (client) => recordRevocation(client, tenant, grant, { kind: 'revoked' })),
  ],
];

const fence = (closed: boolean): Promise<void> => moveFence(world.superuser, tenant, 'agent:payer', closed);

describe('a grant that is lent', () => {
  it.each(ENDS)('X80 G7 is neither claimed, nor minted for, nor handed out once %s', async (_, end) => {
    const fresh = await lent();
    const claimed = await lent();
    const begun = await lent();
    const key = newKey();
    expect([await claim(claimed.grant), await claim(begun.grant, key)]).toEqual(['claimed', 'claimed']);
    const beginning = await mint(begun.grant);
    for (const { grant, actionId } of [fresh, claimed, begun]) await end(grant, actionId);
    expect(await claim(fresh.grant)).toMatch(/^(grant_over|not_found)$/);
    expect(await mint(claimed.grant)).toEqual({ refused: 'grant_over' });
    expect(await record(begun.grant, beginning)).toBe('grant_over');
    expect(await sealed(begun.grant, key)).toBeNull();
  });

  it.each(ENDS.slice(0, -1))('X54 is the reaper’s as soon as %s', async (_, end) => {
    const { grant, actionId } = await lent();
    const brokered = await lent('brokered');
    expect(await overdue()).toEqual([]);
    await end(grant, actionId);
    const taken = await overdue();
    expect(taken).toEqual([expect.objectContaining({ grantId: grant, lent: true })]);
    expect(taken).not.toContainEqual(expect.objectContaining({ grantId: brokered.grant }));
  });

  it('is the reaper’s when it was given back', async () => {
    const { grant } = await lent();
    await claim(grant);
    await record(grant, await mint(grant));
    expect(await giveBack(grant)).toBe('returned');
    expect(await overdue()).toEqual([expect.objectContaining({ grantId: grant })]);
  });

  it('G7 is handed out before a fence or not at all, however they race', async () => {
    const tally = new Set<string>();
    await fence(false);
    for (let round = 0; round < 25; round++) {
      const grants = [await lent(), await lent(), await lent()];
      for (const { grant } of grants) await claim(grant);
      const mints = await Promise.all(grants.map(async ({ grant }) => ({ grant, beginning: await mint(grant) })));
      const later = async <T>(work: () => Promise<T>): Promise<T> => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
        return await work();
      };
      const [, ...results] = await Promise.all([
        later(() => fence(true)),
        ...mints.map(({ grant, beginning }) => later(() => record(grant, beginning))),
      ]);
      for (const result of results) tally.add(String(result));
      expect(
        await world.rows(
          `select c.grant_id from grant_claims c join fences f using (tenant) where tenant = $1 and c.minted_at >= f.moved_at and f.closed`,
          [tenant],
        ),
      ).toEqual([]);
      await fence(false);
    }
    expect([...tally].sort()).toEqual(['grant_over', 'null']); // the races were races
  }, 60_000);

  it('is not there for another agent, generation or tenant, nor where Countersign executes', async () => {
    const { grant } = await lent();
    const other = await seedTenant(world);
    expect(await claim(grant, newKey(), { ...ME, agent: 'other' })).toBe('not_found');
    expect(await claim(grant, newKey(), { ...ME, generation: 2 })).toBe('not_found');
    expect(await claim(grant, newKey(), ME, other)).toBe('not_found');
    expect(await claim((await lent('brokered')).grant)).toBe('not_found');
  });

  it('hands out only the last credential that was made', async () => {
    const { grant } = await lent();
    const [first, second] = [newKey(), newKey()];
    await claim(grant, first);
    const slow = await mint(grant);
    const quick = await mint(grant);
    expect([await record(grant, slow), await record(grant, quick)]).toEqual(['superseded', null]);
    expect(await sealed(grant, first)).toBe('sealed-1-2');
    expect(await mint(grant)).toEqual({ refused: 'nothing_to_mint' });
    await claim(grant, second);
    expect(await sealed(grant, first)).toBeNull();
    expect(await record(grant, await mint(grant))).toBeNull();
    expect(await claim(grant, first)).toBe('claim_superseded');
    await world.as('worker', tenant, (client) => recordRevocation(client, tenant, grant, { kind: 'revoked' }));
    expect(await sealed(grant, second)).toBeNull();
  });

  it('is given back once, by whoever claimed it, in its time', async () => {
    const { grant } = await lent();
    expect(await giveBack(grant)).toBe('grant_unclaimed');
    await claim(grant);
    expect(await giveBack(grant)).toBe('grant_unclaimed'); // nothing was made yet
    await record(grant, await mint(grant));
    expect(await giveBack(grant, 'done', '{"rows":1}')).toBe('returned');
    expect(await giveBack(grant, 'done', '{"rows":1}')).toBe('returned');
    expect(await giveBack(grant, 'done', '{"rows":2}')).toBe('grant_over');
    expect(await giveBack(grant, 'failed')).toBe('grant_over');
    const late = await lent();
    await claim(late.grant);
    await record(late.grant, await mint(late.grant));
    await world.rows('update grants set expires_at = now() where grant_id = $1', [late.grant]);
    expect(await giveBack(late.grant)).toBe('grant_over');
  });

  it.each(['gateway', 'worker', 'loops'] as const)(
    'is claimed, minted for and given back by no %s past its guard',
    async (role) => {
      const { grant } = await lent();
      await claim(grant);
      for (const sql of [
        `insert into grant_claims (tenant, grant_id, claim, public_key) values ('${tenant}', '${grant}', 2, '${newKey()}')`,
        `update grant_claims set jwe = 'forged'`,
        `update grants set returned_at = now(), returned_as = 'done'`,
        'delete from grant_claims',
      ])
        await expect(world.as(role, tenant, (client) => client.query(sql))).rejects.toMatchObject({ code: '42501' });
      if (role !== 'gateway')
        await expect(
          world.as(role, tenant, (client) => client.query('select jwe from grant_claims')),
        ).rejects.toMatchObject({ code: '42501' });
    },
  );
});

describe('access that bob approved', () => {
  async function approved(): Promise<string> {
    const action = await asked();
    await askPeople(world, action);
    expect(await vote(world, action, 'bob')).toBe('recorded');
    await world.as('worker', tenant, (client) => closeApproval(client, tenant, action.request, 'approved'));
    return await begun(action);
  }
  const run = (sql: string) => (): Promise<object[]> => world.rows(sql, [tenant]);
  const shown = (person: string, ended?: string) => (): Promise<void> =>
    showKey(world.superuser, tenant, person, { ended });
  const claims = (grant: string): Promise<object[]> =>
    world.rows('select claim from grant_claims where grant_id = $1 order by claim', [grant]);

  it.each<[string, () => Promise<unknown>]>([
    ['was shown a key of its agent', shown('bob')],
    ['was shown one that has ended since', shown('bob', 'clock_timestamp()')],
    ['came to own its agent', run(`update agents set owner = 'bob' where tenant = $1`)],
    [
      'is one human with whoever was shown a key of its agent',
      async () => {
        await run(`update people set human = 'frank' where tenant = $1 and person = 'bob'`)();
        await shown('frank')();
      },
    ],
  ])('X8 is handed to no further key once bob %s; a login that was made goes on', async (_, link) => {
    const [fresh, used] = [await approved(), await approved()];
    const key = newKey();
    expect(await claim(used, key)).toBe('claimed');
    expect(await record(used, await mint(used))).toBeNull();
    await link();
    expect([await claim(fresh), await claim(used)]).toEqual(['votes_void', 'votes_void']);
    expect([await claims(fresh), await claims(used)]).toEqual([[], [{ claim: 1 }]]);
    expect([await claim(used, key), await sealed(used, key)]).toEqual(['claimed', 'sealed-1-1']);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['somebody else was shown a key of its agent', shown('carol')],
    ['bob was shown a key that had ended before it was asked for', shown('bob', `now() - interval '1 day'`)],
    ['bob is no approver any more', run(`update people set roles = '{}' where tenant = $1 and person = 'bob'`)],
  ])('is claimed where %s', async (_, link) => {
    const grant = await approved();
    await link();
    expect(await claim(grant)).toBe('claimed');
  });
});
