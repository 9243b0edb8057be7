import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createReadVerdict } from '../../activities/read-verdict';
import { createReconcileStep } from '../../activities/reconcile-step';
import { activateBundle } from '../../db/activate-bundle';
import { requestCancel } from '../../db/request-cancel';
import { LIMITS } from '../../domain/limits';
import { BUNDLE, digest, seedAction, type SeededAction, vote } from '../helpers/seed';
import { ask, DENY, TWO_STEPS, type Workshop } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const run = ({ actionId }: SeededAction): Promise<StepResult> =>
  createPerformStep(workshop.deps)({ tenant, actionId, stepId: 'pay' });
const decide = ({ actionId }: SeededAction): Promise<object> => createDecide(workshop.deps)({ tenant, actionId });
const sql = <T extends object>(statement: string): Promise<T[]> => world.rows<T>(statement, [tenant]);

async function allowed(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await decide(action);
  return action;
}

async function countersigned(): Promise<SeededAction> {
  workshop.policy.decision = ask('finance-1');
  const action = await allowed();
  expect(await vote(world, action, 'bob')).toBe('recorded');
  expect(await createReadVerdict(workshop.deps)({ tenant, actionId: action.actionId })).toEqual({ kind: 'approved' });
  return action;
}

/** What stands at the end, whatever happened on the way. */
async function standing(): Promise<{ effects: unknown; live: unknown; events: string[] }> {
  const events = await sql<{ event: string }>(
    `select leaf::json -> 'entry' ->> 'event' as event from ledger where tenant = $1 order by seq`,
  );
  return {
    effects: (
      await sql<{ state: string; code: string | null }>('select state, attempt, code from effects where tenant = $1')
    ).map((row) => ({ ...row })),
    live: await sql(`select grant_id from grants where tenant = $1 and state <> 'revoked'`),
    events: events.map(({ event }) => event).filter((event) => /^(effect|grant)/.test(event)),
  };
}
const DONE = {
  effects: [{ state: 'done', attempt: 1, code: null }],
  live: [],
  events: ['effect.begun', 'effect.done', 'grant.ended'],
};

describe('a step that may begin', () => {
  it('I1 is done once, under the key and digest that were decided, and its credential is ended', async () => {
    const action = await countersigned();
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(await standing()).toEqual(DONE);
    const { target } = workshop;
    expect(target.calls).toMatchObject([
      { actionId: action.actionId, digest: action.digest, operation: 'payIt', grantId: `${action.actionId}.pay.do.1` },
    ]);
    expect(target.log).toEqual(['read', 'execute', 'revoke']);
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(target.log).toEqual(['read', 'execute', 'revoke']);
    expect(await standing()).toEqual(DONE);
  });

  it('that the target refused has failed, and is not sent again', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['refuses'];
    const failed = { kind: 'failed', code: 'target_refused', revoked: true };
    expect([await run(action), await run(action)]).toEqual([failed, failed]);
    expect(workshop.target.log.filter((entry) => entry === 'execute')).toHaveLength(1);
    expect((await standing()).effects).toEqual([{ state: 'failed', attempt: 1, code: 'target_refused' }]);
  });

  it('that met a busy target is begun again under the same key and another grant', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['is busy', 'is busy'];
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(new Set(workshop.target.calls.map(({ values }) => values.key)).size).toBe(1);
    expect(workshop.target.calls.map(({ grantId }) => grantId.slice(-1))).toEqual(['1', '2', '3']);
    expect(await standing()).toMatchObject({ effects: [{ state: 'done', attempt: 3 }], live: [] });
  });

  it('X62 that never met anything but a busy target is given up after some attempts', async () => {
    const action = await allowed();
    workshop.target.behaviours = Array.from({ length: 99 }, () => 'is busy');
    expect(await run(action)).toEqual({ kind: 'failed', code: 'target_unreachable', revoked: true });
    expect(workshop.target.calls).toHaveLength(LIMITS.stepAttempts);
  });

  it('X63 that did something else than was approved has failed, and stays done so that it is undone', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['does something else'];
    const failed = { kind: 'failed', code: 'effect_mismatch', revoked: true };
    expect([await run(action), await run(action)]).toEqual([failed, failed]);
    expect((await standing()).effects).toEqual([{ state: 'done', attempt: 1, code: 'effect_mismatch' }]);
  });

  it('X80 is not sent by a worker that was frozen since it was allowed to begin', async () => {
    const action = await allowed();
    workshop.tickMs = LIMITS.sendWithinMs;
    expect(await run(action)).toMatchObject({ kind: 'failed', code: 'target_unreachable' });
    expect(workshop.target.calls).toEqual([]);
    expect((await standing()).effects).toMatchObject([{ state: 'absent', code: 'not_sent' }]);
  });

  it.each([
    ['G2 ends a credential that did not end at once, before anybody has to come back for it', 1, true],
    ['X55 tells when its credential may still be alive', 2, false],
  ])('%s', async (_, failures, revoked) => {
    const action = await allowed();
    workshop.target.revocations = Array.from({ length: failures }, () => ({ kind: 'live', code: 'target_busy' }));
    expect([await run(action), await run(action)]).toEqual(Array(2).fill({ kind: 'done', revoked }));
    expect(workshop.target.log.slice(-3)).toEqual(['revoke', 'pause 0', 'revoke']);
    expect((await standing()).live).toHaveLength(revoked ? 0 : 1);
  });
});

describe('X62 a step whose reply was lost', () => {
  it('is unknown; when it is looked at again, it is found, and not sent again', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the reply'];
    expect(await run(action)).toEqual({ kind: 'unknown', revoked: true });
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.log).toEqual(['read', 'execute', 'revoke', 'pause 4', 'status', 'revoke']);
    expect(workshop.target.happened).toHaveLength(1);
  });

  it('is sent again only after its first request can no longer be accepted and the target has nothing', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the request'];
    expect(await run(action)).toEqual({ kind: 'unknown', revoked: true });
    expect(await run(action)).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.log).toEqual([
      'read',
      'execute',
      'revoke',
      'pause 4',
      'status',
      'revoke',
      'read',
      'execute',
      'revoke',
    ]);
    expect((await standing()).effects).toEqual([{ state: 'done', attempt: 2, code: null }]);
  });

  it('stays unknown, and is not sent again, while the target cannot say', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the reply'];
    await run(action);
    workshop.target.statuses = [{ kind: 'unanswered', code: 'no_answer' }];
    expect(
      await createReconcileStep(workshop.deps)({ tenant, actionId: action.actionId, stepId: 'pay' }),
    ).toMatchObject({ kind: 'unknown' });
    expect(await createReconcileStep(workshop.deps)({ tenant, actionId: action.actionId, stepId: 'pay' })).toEqual({
      kind: 'done',
      revoked: true,
    });
    expect(workshop.target.calls).toHaveLength(1);
  });
});

describe('a step is stopped, and nothing is sent, when', () => {
  async function expectStopped(action: SeededAction, result: StepResult): Promise<void> {
    expect(await run(action)).toEqual(result);
    expect(workshop.target.calls).toEqual([]);
    expect(await standing()).toEqual({ effects: [], live: [], events: [] });
  }

  /** Runs the step, with something that happens after its last question to policy and before Postgres is asked. */
  async function runMeanwhile({ actionId }: SeededAction, happens: () => Promise<unknown>): Promise<StepResult> {
    const { db } = workshop.deps;
    let happened = false;
    const between: Workshop['deps'] = {
      ...workshop.deps,
      db: {
        ...db,
        withTenant: async (of, work) => {
          if (workshop.policy.asked === 2 && !happened) {
            happened = true;
            await happens();
          }
          return await db.withTenant(of, work);
        },
      },
    };
    const result = await createPerformStep(between)({ tenant, actionId, stepId: 'pay' });
    expect(happened).toBe(true);
    return result;
  }

  it('X61 policy says no now', async () => {
    const action = await countersigned();
    workshop.policy.decision = DENY;
    await expectStopped(action, { kind: 'stopped', stopped: 'denied', code: 'policy_denied' });
  });

  it.each([
    ['its agent was quarantined', `update agents set state = 'quarantined' where tenant = $1`],
    [
      'its scope was fenced',
      `insert into fences (tenant, scope, closed, reason, actor) values ($1, 'tenant', true, 'r', 'bob')`,
    ],
  ])('X61 %s', async (_, change) => {
    const action = await allowed();
    await sql(change);
    await expectStopped(action, { kind: 'stopped', stopped: 'denied', code: 'policy_denied' });
  });

  it.each([
    ['agent_not_active', `update agents set state = 'quarantined' where tenant = $1`],
    [
      'scope_fenced',
      `insert into fences (tenant, scope, closed, reason, actor) values ($1, 'tenant', true, 'r', 'bob')`,
    ],
    ['budget_exhausted', `update reservations set state = 'released' where tenant = $1`],
  ])('X61 even after policy was asked for the last time: %s', async (code, change) => {
    const action = await allowed();
    expect(await runMeanwhile(action, async () => await sql(change))).toEqual({
      kind: 'stopped',
      stopped: 'denied',
      code,
    });
    expect(workshop.target.calls).toEqual([]);
  });

  it.each([
    ['paused', 'held'],
    ['ask_always', 'reconsider'],
  ])('K3 even after policy was asked for the last time: its agent is %s now', async (state, kind) => {
    const action = await allowed();
    const change = async (): Promise<unknown> => await sql(`update agents set state = '${state}' where tenant = $1`);
    expect(await runMeanwhile(action, change)).toEqual({ kind });
    expect(workshop.target.calls).toEqual([]);
    if (kind === 'held') expect(await run(action)).toEqual({ kind: 'held' });
  });

  it.each([
    ['left', `update people set state = 'left' where tenant = $1 and person = 'bob'`],
    ['is in the group no more', `delete from group_members where tenant = $1 and person = 'bob'`],
    ['owns the agent now', `update agents set owner = 'bob' where tenant = $1`],
  ])('X61 even after policy was asked for the last time: who countersigned %s', async (_, change) => {
    const action = await countersigned();
    expect(await runMeanwhile(action, async () => await sql(change))).toEqual({ kind: 'reconsider' });
    expect(workshop.target.calls).toEqual([]);
    expect((await standing()).effects).toEqual([]);
  });

  it('X61 even after policy was asked for the last time: another bundle is in force', async () => {
    const action = await allowed();
    const [row] = await world.rows<{ version: string }>('select max(version) as version from bundles');
    const put = async (bundleDigest: string, newer: number): Promise<unknown> =>
      await activateBundle(world.worker, { digest: bundleDigest, version: Number(row?.version) + newer }, '{}');
    const running = runMeanwhile(action, async () => await put(digest('d'), 1));
    await expect(running).rejects.toMatchObject({ type: 'bundle_stale', nonRetryable: false });
    await put(BUNDLE.digest, 2);
    expect(workshop.target.calls).toEqual([]);
    expect((await standing()).effects).toEqual([]);
  });

  it('it was asked to cancel', async () => {
    const action = await allowed();
    await world.as('gateway', tenant, (client) => requestCancel(client, tenant, action.actionId, 'bob'));
    await expectStopped(action, { kind: 'stopped', stopped: 'cancelled', code: 'cancelled_on_request' });
  });

  it('X7 somebody denied it after the last approval', async () => {
    const action = await countersigned();
    await vote(world, action, 'carol', { choice: 'deny' });
    await expectStopped(action, { kind: 'stopped', stopped: 'rejected', code: 'rejected_by_person' });
  });

  it('X76 nobody decided on it, or it does not exist', async () => {
    const action = await seedAction(world, tenant);
    await expectStopped(action, { kind: 'stopped', stopped: 'denied', code: 'action_closed' });
    const made = { ...action, actionId: 'act-00000000-0000-0000-0000-000000000000' };
    await expectStopped(made, { kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
  });

  it.each([
    ['was never begun', undefined],
    ['has begun and nobody knows more', `state = 'begun'`],
    ['has failed', `state = 'failed', code = 'target_refused'`],
    ['was something else than approved', `code = 'effect_mismatch'`],
  ])('X77 the step before it is said to be done, and %s', async (_, change) => {
    const action = await seedAction(world, tenant, { type: { ...TWO_STEPS, effect: 'compensable', lane: 'brokered' } });
    await decide(action);
    const ref = { tenant, actionId: action.actionId };
    const perform = createPerformStep(workshop.deps);
    if (change !== undefined) {
      expect(await perform({ ...ref, stepId: 'book' })).toMatchObject({ kind: 'done' });
      await sql(`update effects set ${change} where tenant = $1`);
    }
    const stopped = { kind: 'stopped', stopped: 'denied', code: 'action_closed' };
    expect(await perform({ ...ref, stepId: 'pay' })).toEqual(stopped);
    expect(workshop.target.calls.map(({ operation }) => operation)).not.toContain('payIt');
  });

  it('X26 nobody has countersigned it yet', async () => {
    workshop.policy.decision = ask('finance-1');
    await expectStopped(await allowed(), { kind: 'stopped', stopped: 'denied', code: 'action_closed' });
  });

  it('X61 this worker holds an older bundle than the one in force: it is tried again later', async () => {
    const action = await allowed();
    const [row] = await world.rows<{ version: string }>('select max(version) as version from bundles');
    await activateBundle(world.worker, { digest: digest('c'), version: Number(row?.version) + 1 }, '{}');
    await expect(run(action)).rejects.toMatchObject({ type: 'bundle_stale', nonRetryable: false });
    await activateBundle(world.worker, { digest: BUNDLE.digest, version: Number(row?.version) + 2 }, '{}');
    expect(workshop.target.calls).toEqual([]);
    expect(await run(action)).toMatchObject({ kind: 'done' });
  });

  it('X61 a system of record does not answer: it is tried again later', async () => {
    const action = await allowed();
    workshop.target.facts['vendorById'] = { kind: 'unanswered', code: 'no_answer' };
    await expect(run(action)).rejects.toMatchObject({ type: 'no_answer', nonRetryable: false });
    expect((await standing()).effects).toEqual([]);
  });
});
