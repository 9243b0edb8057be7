import { randomUUID } from 'node:crypto';
import { activateBundle } from '../../db/activate-bundle';
import { closeApproval } from '../../db/close-approval';
import { holdBudget } from '../../db/hold-budget';
import { finishBudget } from '../../db/finish-budget';
import { openRound } from '../../db/open-round';
import { requestCancel } from '../../db/request-cancel';
import { settleAction } from '../../db/settle-action';
import { outcomeOf } from '../../domain/words';
import {
  AGENT,
  askPeople,
  begin,
  BUNDLE,
  chain,
  decideOn,
  digest,
  readyAction,
  seedAction,
  type SeededAction,
  seedTenant,
  TYPE,
  vote,
} from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { moveFence } from '../helpers/move-fence';

let world: World;
let tenant: string;
beforeAll(async () => (world = await createWorld()));
beforeEach(async () => (tenant = await seedTenant(world)));
afterAll(() => world.close());

const approved = { chains: [chain('finance', 2)], voters: ['bob', 'carol'] };

const fence = (scope: string, closed: boolean): Promise<void> => moveFence(world.superuser, tenant, scope, closed);

const sql = (statement: string, ...values: unknown[]): Promise<object[]> => world.rows(statement, [tenant, ...values]);

/** Effects, grants and ledger entries of the tenant's effects. */
async function written(): Promise<number[]> {
  const counts = await world.rows<{ effects: number; grants: number; entries: number }>(
    `select (select count(*)::integer from effects where tenant = $1) as effects,
            (select count(*)::integer from grants where tenant = $1) as grants,
            (select count(*)::integer from ledger where tenant = $1 and key like 'effect/%') as entries`,
    [tenant],
  );
  return counts.flatMap(({ effects, grants, entries }) => [effects, grants, entries]);
}

async function expectRefused(
  action: SeededAction,
  code: string,
  more: Parameters<typeof begin>[2] = {},
): Promise<void> {
  expect(await begin(world, action, more)).toEqual({ refused: code });
  expect(await written()).toEqual([0, 0, 0]);
}

describe('an effect that may begin', () => {
  it.each([
    ['allowed by policy', undefined],
    ['countersigned by two people', approved],
  ])('I1 when %s, writes one row, one grant and one ledger entry', async (_, approval) => {
    const action = await readyAction(world, tenant, approval);
    const key = `${tenant}/${action.actionId}/pay/do`;
    const grantId = `${action.actionId}.pay.do.1`;
    expect(await begin(world, action)).toEqual({ begun: { attempt: 1, grantId, idempotencyKey: key } });
    expect(await written()).toEqual([1, 1, 1]);
    expect(
      await sql(
        `select state, kind, digest, idempotency_key as key, send_by - begun_at < '3 s' as short from effects where tenant = $1`,
      ),
    ).toEqual([{ state: 'begun', kind: 'do', digest: action.digest, key, short: true }]);
    expect(
      await sql(`select state, agent, target, expires_at - created_at < '5 s' as short from grants where tenant = $1`),
    ).toEqual([{ state: 'intent', agent: AGENT.id, target: 'bank', short: true }]);
    expect(await sql('select state from actions where tenant = $1')).toEqual([{ state: 'executing' }]);
  });

  it('X15 an approval is used once: the same step is begun before', async () => {
    const action = await readyAction(world, tenant, approved);
    await begin(world, action);
    expect(await begin(world, action)).toEqual({ refused: 'begun_before' });
    expect(await written()).toEqual([1, 1, 1]);
  });

  it('I2 is begun again, under a new grant and the same key, only when the attempt is known not to have happened', async () => {
    const action = await readyAction(world, tenant);
    await begin(world, action);
    for (const state of ['unknown', 'failed', 'done']) {
      await sql('update effects set state = $2 where tenant = $1', state);
      expect(await begin(world, action)).toEqual({ refused: 'begun_before' });
    }
    await sql(`update effects set state = 'absent' where tenant = $1`);
    const again = {
      attempt: 2,
      grantId: `${action.actionId}.pay.do.2`,
      idempotencyKey: `${tenant}/${action.actionId}/pay/do`,
    };
    expect(await begin(world, action)).toEqual({ begun: again });
    expect(await written()).toEqual([1, 2, 2]);
  });
});

describe('an effect is refused, and nothing is written, when', () => {
  it('X76 there is no such action', async () => {
    const action = await readyAction(world, tenant);
    await expectRefused({ ...action, actionId: `act-${randomUUID()}` }, 'not_found');
  });

  it('X76 nothing was decided', async () => {
    await expectRefused(await seedAction(world, tenant), 'not_decided');
  });

  it('X76 policy said no', async () => {
    const action = await seedAction(world, tenant);
    await decideOn(world, action, { effect: 'deny' });
    await decideOn(world, action, { stage: 'preflight/pay' });
    await expectRefused(action, 'not_decided');
  });

  it.each([
    ['policy was not asked again', undefined],
    ['policy said no when it was asked again', { stage: 'preflight/pay', effect: 'deny' as const }],
    ['policy was asked again for another step only', { stage: 'preflight/book' }],
    ['policy was asked again under another bundle', { stage: 'preflight/pay', bundleDigest: digest('c') }],
  ])('X61 %s', async (_, second) => {
    const action = await seedAction(world, tenant);
    await decideOn(world, action);
    if (second !== undefined) await decideOn(world, action, second);
    await expectRefused(action, 'not_decided');
  });

  it('the action has ended', async () => {
    const action = await readyAction(world, tenant);
    await world.as('worker', tenant, (client) =>
      settleAction(client, tenant, action.actionId, 'denied', outcomeOf('denied', [], {})),
    );
    await expectRefused(action, 'action_closed');
  });

  it('X64 a step of it is being undone, or was', async () => {
    for (const state of ['begun', 'done']) {
      const action = await readyAction(world, tenant);
      await sql(
        `insert into effects (tenant, action, step, kind, round, digest, idempotency_key, grant_id, send_by, state)
         values ($1, $2, 'book', 'undo', 1, $3, $2 || 'book', $2 || 'book', clock_timestamp(), $4)`,
        ...[action.actionId, action.digest, state],
      );
      expect(await begin(world, action)).toEqual({ refused: 'action_closed' });
    }
  });

  it('somebody asked to cancel', async () => {
    const action = await readyAction(world, tenant);
    await world.as('gateway', tenant, (client) => requestCancel(client, tenant, action.actionId, 'agent:payer'));
    await expectRefused(action, 'cancelled');
  });

  it.each([
    ['its digest is another', { digest: digest('f') }],
    ['its facts are others', { factsDigest: digest('f') }],
    ['its round is not the one asked about', { round: 2 }],
  ])('X13 %s', async (what, claim) => {
    const code = 'round' in claim ? 'not_decided' : 'digest_mismatch';
    await expectRefused(await readyAction(world, tenant), code, claim);
  });

  it('X13 its world changed and it went into another round', async () => {
    const action = await readyAction(world, tenant);
    const next = {
      actionId: action.actionId,
      round: 2,
      facts: {},
      factsDigest: digest('1'),
      digest: digest('2'),
      why: 'envelope_changed',
    };
    await world.as('worker', tenant, (client) => openRound(client, tenant, next));
    await expectRefused(action, 'digest_mismatch');
    await expectRefused(action, 'not_decided', { round: 2, digest: digest('2'), factsDigest: digest('1') });
  });

  it.each(['global', 'tenant', 'team:finance', `agent:${AGENT.id}`, `action-type:${TYPE.id}`])(
    'I10 the fence of %s is closed',
    async (scope) => {
      const action = await readyAction(world, tenant);
      await fence(scope, true);
      try {
        await expectRefused(action, 'scope_fenced');
      } finally {
        await fence(scope, false);
      }
      await expectRefused(action, 'fence_moved');
    },
  );

  it.each(['team:sales', 'agent:other', 'action-type:pay'])('I10 but not when it is the fence of %s', async (scope) => {
    const action = await readyAction(world, tenant);
    await fence(scope, true);
    expect(await begin(world, action)).toHaveProperty('begun');
  });

  it.each([
    ['quarantined', `state = 'quarantined'`],
    ['offboarded', `state = 'offboarded'`],
    ['registered anew', 'generation = 2'],
  ])('X61 its agent is %s', async (_, change) => {
    const action = await readyAction(world, tenant);
    await sql(`update agents set ${change} where tenant = $1`);
    await expectRefused(action, 'agent_not_active');
  });

  it('X61 its agent is paused: then it is held', async () => {
    const action = await readyAction(world, tenant);
    await sql(`update agents set state = 'paused' where tenant = $1`);
    await expectRefused(action, 'agent_paused');
  });

  it('X61 a newer bundle is in force', async () => {
    const action = await readyAction(world, tenant);
    const current = await world.rows<{ version: string }>('select max(version) as version from bundles');
    const version = Number(current[0]?.version);
    await activateBundle(world.worker, { digest: digest('c'), version: version + 1 }, '{}');
    await expectRefused(action, 'bundle_stale');
    await activateBundle(world.worker, { digest: BUNDLE.digest, version: version + 2 }, '{}');
    expect(await begin(world, action)).toHaveProperty('begun');
  });

  it('nobody was asked, or nobody has countersigned', async () => {
    const unasked = await seedAction(world, tenant);
    await decideOn(world, unasked, { effect: 'require_approval', chains: ['finance-1'] });
    await decideOn(world, unasked, { stage: 'preflight/pay' });
    await expectRefused(unasked, 'not_approved');
    const open = await seedAction(world, tenant);
    await askPeople(world, open);
    await decideOn(world, open, { stage: 'preflight/pay' });
    await vote(world, open, 'bob');
    await expectRefused(open, 'not_approved');
  });

  it('X77 the request is called approved but has no votes, or asks for none', async () => {
    const unvoted = await readyAction(world, tenant, { chains: [chain('finance', 2)], voters: [] });
    await expectRefused(unvoted, 'votes_void');
    for (const stages of ['[]', '[{"need":0,"from":[],"eligible":[],"reason":"optional","remindAfterMs":[]}]']) {
      const hollow = await readyAction(world, tenant, { chains: [chain('finance', 2)], voters: [] });
      await world.rows('update approval_requests set stages = $2::jsonb where tenant = $1 and request = $3', [
        tenant,
        stages,
        hollow.request,
      ]);
      expect(await begin(world, hollow)).toHaveProperty('refused');
    }
    expect(await written()).toEqual([0, 0, 0]);
  });

  it('X7 somebody denied after the last approval', async () => {
    const action = await readyAction(world, tenant, approved);
    expect(await vote(world, action, 'dora', { choice: 'deny' })).toBe('recorded');
    await expectRefused(action, 'denied_late');
  });

  const CHANGES: readonly (readonly [string, string])[] = [
    ['left', `update people set state = 'left' where tenant = $1 and person = 'bob'`],
    ['lost the role', `update people set roles = '{viewer}' where tenant = $1 and person = 'bob'`],
    ['left the group', `delete from group_members where tenant = $1 and person = 'bob'`],
    ['come to own the agent', `update agents set owner = 'bob' where tenant = $1`],
  ];

  it.each(CHANGES)('X12 one who countersigned has %s since', async (_, change) => {
    const action = await readyAction(world, tenant, approved);
    await sql(change);
    await expectRefused(action, 'votes_void');
  });

  it.each(CHANGES)('X7 I13 one denied it late, and has %s since: the denial stands', async (_, change) => {
    const action = await readyAction(world, tenant, { chains: [chain('finance', 2)], voters: ['carol', 'dora'] });
    expect(await vote(world, action, 'bob', { choice: 'deny' })).toBe('recorded');
    await sql(change);
    await expectRefused(action, 'denied_late');
  });

  it('X13 a vote was cast on another digest than its request has', async () => {
    const action = await readyAction(world, tenant, approved);
    await sql('update votes set digest = $2 where tenant = $1', digest('f'));
    await expectRefused(action, 'votes_void');
  });

  it('X15 another action of the very same content was countersigned, and this one was not', async () => {
    const first = await readyAction(world, tenant, approved);
    expect(await begin(world, first)).toHaveProperty('begun');
    const second = await seedAction(world, tenant);
    await askPeople(world, second, approved.chains);
    await decideOn(world, second, { stage: 'preflight/pay' });
    expect(second.digest).not.toBe(first.digest);
    expect(await vote(world, second, 'bob', { digest: first.digest })).toBe('digest_mismatch');
    expect(await begin(world, second)).toEqual({ refused: 'not_approved' });
    expect(await begin(world, second, { digest: first.digest })).toEqual({ refused: 'digest_mismatch' });
    // Nor when a worker that was taken over says that it was.
    await world.as('worker', tenant, (client) => closeApproval(client, tenant, second.request, 'approved'));
    expect(await begin(world, second)).toEqual({ refused: 'votes_void' });
    expect(await written()).toEqual([1, 1, 1]);
  });

  it('X16 the last approval is too old', async () => {
    const action = await readyAction(world, tenant, approved);
    await sql(`update votes set cast_at = cast_at - interval '60 s' where tenant = $1`);
    await expectRefused(action, 'approval_lapsed');
  });

  it.each(['none was held', 'it was given back', 'it was spent'])('X66 its budget is lost: %s', async (how) => {
    const action = await seedAction(world, tenant);
    await decideOn(world, action, { budgeted: true });
    await decideOn(world, action, { stage: 'preflight/pay' });
    await world.as('worker', tenant, async (client) => {
      if (how === 'none was held') return;
      await holdBudget(client, tenant, action.actionId, {
        kind: 'spends',
        budget: 'b',
        window: 'day',
        limitMinor: 9,
        amountMinor: 5,
      });
      await finishBudget(client, tenant, action.actionId, how === 'it was spent' ? 'spent' : 'released');
    });
    await expectRefused(action, 'budget_lost');
  });
});
