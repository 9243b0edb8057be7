import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createRevokeGrants } from '../../activities/revoke-grants';
import { createUndoStep } from '../../activities/undo-step';
import { resolveTask } from '../../db/resolve-task';
import { AGENT_STATES } from '../../domain/agent-life';
import { LIMITS } from '../../domain/limits';
import { beginLent, handOut } from '../helpers/lend-grant';
import { BUNDLE, digest, seedAction, type SeededAction } from '../helpers/seed';
import { ACTION_TYPE } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

const ref = ({ actionId }: SeededAction): { tenant: string; actionId: string; stepId: string } => ({
  tenant,
  actionId,
  stepId: 'pay',
});
const perform = (action: SeededAction): Promise<StepResult> => createPerformStep(workshop.deps)(ref(action));
const undo = (action: SeededAction): Promise<object> => createUndoStep(workshop.deps)(ref(action));
const revoke = (action: SeededAction): Promise<void> => createRevokeGrants(workshop.deps)(ref(action));
const events = async (like: string): Promise<string[]> =>
  (
    await world.rows<{ key: string }>('select key from ledger where tenant = $1 and key like $2 order by seq', [
      tenant,
      like,
    ])
  ).map(({ key }) => key);

async function decided(): Promise<SeededAction> {
  const action = await seedAction(world, tenant);
  await createDecide(workshop.deps)({ tenant, actionId: action.actionId });
  return action;
}

async function done(): Promise<SeededAction> {
  const action = await decided();
  expect(await perform(action)).toMatchObject({ kind: 'done' });
  return action;
}

describe('I14 a step that is undone', () => {
  it('is undone once, whatever was stopped since, and its credential is ended', async () => {
    const action = await done();
    await world.rows(`update agents set state = 'quarantined' where tenant = $1`, [tenant]);
    const undone = { kind: 'undone', revoked: true };
    expect([await undo(action), await undo(action)]).toEqual([undone, undone]);
    expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['payIt', 'unpayIt']);
    expect(await events('effect/%/undo/%')).toHaveLength(2);
    expect(await world.rows(`select from grants where tenant = $1 and state <> 'revoked'`, [tenant])).toEqual([]);
  });

  it('whose reply was lost is sent again under the same key, after the first can no longer be accepted', async () => {
    const action = await done();
    workshop.target.behaviours = ['loses the reply'];
    await expect(undo(action)).rejects.toMatchObject({ type: 'undo_unanswered', nonRetryable: false });
    workshop.target.log.length = 0;
    expect(await undo(action)).toEqual({ kind: 'undone', revoked: true });
    expect(workshop.target.log).toEqual(['pause 4', 'revoke', 'undo', 'revoke']);
    const [, first, second] = workshop.target.calls;
    expect(second?.values.key).toBe(first?.values.key);
    expect(second?.grantId).not.toBe(first?.grantId);
  });

  it('that its target refuses to undo is stuck, and is not asked again', async () => {
    const action = await done();
    workshop.target.behaviours = ['refuses'];
    const stuck = { kind: 'stuck', revoked: true };
    expect([await undo(action), await undo(action)]).toEqual([stuck, stuck]);
    expect(workshop.target.calls).toHaveLength(2);
  });

  it('that has no way back is stuck', async () => {
    const action = await done();
    const { undo: _, ...oneWay } = ACTION_TYPE.steps[0] ?? { id: '', target: '', do: '', status: '' };
    const { catalogue } = workshop.policy;
    workshop.policy.catalogue = {
      ...catalogue,
      actionTypes: { [ACTION_TYPE.id]: { ...ACTION_TYPE, steps: [oneWay] } },
    };
    expect(await undo(action)).toEqual({ kind: 'stuck', revoked: true });
  });

  it('of which nobody knows whether it was done is stuck, not undone', async () => {
    const action = await decided();
    workshop.target.behaviours = ['loses the request'];
    await perform(action);
    expect(await undo(action)).toEqual({ kind: 'stuck', revoked: false });
    expect(workshop.target.calls).toHaveLength(1);
  });

  it('was never done: there is nothing to undo', async () => {
    expect(await undo(await decided())).toEqual({ kind: 'undone', revoked: true });
    expect(workshop.target.calls).toEqual([]);
  });
});

describe('a credential that is still alive', () => {
  const LIVE = { kind: 'live', code: 'target_busy' } as const;

  it('X56 is ended however often that fails, and is told of once', async () => {
    // Twice by the step itself, and then by the control lane.
    workshop.target.revocations = [LIVE, LIVE, LIVE, LIVE];
    const action = await done();
    for (let failure = 0; failure < 2; failure++)
      await expect(revoke(action)).rejects.toMatchObject({ type: 'grant_live', nonRetryable: false });
    await revoke(action);
    await revoke(action);
    expect(await events('grant/%')).toEqual([`grant/${action.actionId}.pay.do.1/ended`]);
    expect(workshop.target.log.filter((entry) => entry === 'revoke')).toHaveLength(5);
  });

  it('X56 after some failures is worth waking somebody for, once', async () => {
    workshop.target.revocations = Array.from({ length: LIMITS.revocationsBeforeTask + 3 }, () => LIVE);
    const action = await done();
    for (let failure = 0; failure <= LIMITS.revocationsBeforeTask; failure++)
      await expect(revoke(action)).rejects.toThrow();
    expect(await world.rows('select kind, state from tasks where tenant = $1', [tenant])).toEqual([
      { kind: 'revocation_overdue', state: 'open' },
    ]);
    expect(await events('grant/%')).toEqual([`grant/${action.actionId}.pay.do.1/overdue`]);
    const task = `task/${action.actionId}.pay.do.1.revocation_overdue`;
    expect(await events('task/%')).toEqual([`${task}/opened`]);
    // It was made for a call of ours: no agent ever had it.
    expect(await world.rows('select state from agents where tenant = $1', [tenant])).toEqual([{ state: 'active' }]);
    await revoke(action);
    expect(await world.rows('select state, resolution, resolved_by from tasks where tenant = $1', [tenant])).toEqual([
      { state: 'resolved', resolution: 'mended', resolved_by: 'countersign' },
    ]);
    expect(await events('task/%')).toEqual([`${task}/opened`, `${task}/resolved`]);
  });

  it('X56 is no trouble any more where it ends by the way, as its outcome is found out', async () => {
    workshop.target.revocations = [LIVE, LIVE];
    const action = await decided();
    workshop.target.behaviours = ['loses the reply'];
    await perform(action);
    workshop.target.revocations = Array.from({ length: LIMITS.revocationsBeforeTask }, () => LIVE);
    for (let failure = 0; failure < LIMITS.revocationsBeforeTask; failure++)
      await expect(revoke(action)).rejects.toThrow();
    expect(await world.rows('select state from tasks where tenant = $1', [tenant])).toEqual([{ state: 'open' }]);
    expect(await createReconcileStep(workshop.deps)(ref(action))).toEqual({ kind: 'done', revoked: true });
    expect(await world.rows('select state, resolution from tasks where tenant = $1', [tenant])).toEqual([
      { state: 'resolved', resolution: 'mended' },
    ]);
  });

  describe('that an agent holds itself', () => {
    let action: SeededAction;
    let grantId: string;
    const agentState = async (): Promise<string | undefined> =>
      (await world.rows<{ state: string }>('select state from agents where tenant = $1', [tenant]))[0]?.state;
    const fail = async (times: number): Promise<void> => {
      workshop.target.revocations = Array.from({ length: times }, () => LIVE);
      for (let time = 0; time < times; time++)
        await expect(revoke(action)).rejects.toMatchObject({ type: 'grant_live' });
    };
    beforeEach(async () => {
      ({ action, grantId } = await beginLent(world, tenant));
    });
    const claimed = (): Promise<void> => handOut(world, tenant, grantId);

    it('X56 stops that agent, once', async () => {
      await claimed();
      await fail(LIMITS.revocationsBeforeTask - 1);
      expect(await agentState()).toBe('active');
      await fail(1);
      expect(await agentState()).toBe('quarantined');
      // Two people have let it go on, though it is not mended yet.
      await world.rows(`update agents set state = 'active' where tenant = $1`, [tenant]);
      await fail(3);
      expect(await agentState()).toBe('active');
      await revoke(action);
      expect((await events('%')).filter((key) => /^(agent|task|grant\/.*(overdue|ended))/.test(key))).toEqual([
        expect.stringMatching(/^agent\/payer\/agent.moved\//),
        ...[`grant/${grantId}/overdue`, `task/${grantId}.revocation_overdue/opened`],
        ...[`task/${grantId}.revocation_overdue/resolved`, `grant/${grantId}/ended`],
      ]);
    });

    it('X56 and was never handed out stops nobody', async () => {
      await fail(LIMITS.revocationsBeforeTask + 1);
      expect([await agentState(), (await events('task/%')).length]).toEqual(['active', 1]);
    });

    it('X56 stops it when two tries find out at once', async () => {
      await claimed();
      await fail(LIMITS.revocationsBeforeTask - 1);
      workshop.target.revocations = Array.from({ length: 4 }, () => LIVE);
      const tries = Array.from({ length: 4 }, () => revoke(action));
      expect((await Promise.allSettled(tries)).map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
      expect([await agentState(), (await events('agent/%')).length, (await events('task/%')).length]).toEqual([
        ...['quarantined', 1, 1],
      ]);
    });
  });

  /** A new bundle without the target comes into force, and the time of the credential is over. */
  async function forgotten(): Promise<SeededAction> {
    workshop.target.revocations = [LIVE, LIVE];
    const action = await done();
    const { policy } = workshop;
    workshop.policy.catalogue = { ...policy.catalogue, targets: {} };
    policy.bundleDigest = digest('c');
    await world.rows(`update grants set expires_at = now() - interval '1 s' where tenant = $1`, [tenant]);
    return action;
  }
  const grants = (): Promise<object[]> =>
    world.rows('select state, ended_by, last_code from grants where tenant = $1', [tenant]);

  it.each([
    ['was begun', ''],
    ['was begun, though its effect was begun anew since', `update effects set grant_id = 'later' where tenant = $1`],
  ])('I4 is ended where it %s, by a target that left the catalogue', async (_, sql) => {
    const { catalogue } = workshop.policy;
    const action = await forgotten();
    workshop.earlier[BUNDLE.digest] = catalogue;
    if (sql !== '') await world.rows(sql, [tenant]);
    // Its time being over says nothing of what it still has open.
    workshop.target.revocations = [LIVE, { kind: 'revoked' }];
    await expect(revoke(action)).rejects.toMatchObject({ type: 'grant_live' });
    expect(await grants()).toEqual([{ state: 'revoking', ended_by: null, last_code: 'target_busy' }]);
    await revoke(action);
    expect(await grants()).toEqual([{ state: 'revoked', ended_by: 'revoked', last_code: null }]);
  });

  it('I4 is not taken for dead at its time where nobody knows its target', async () => {
    const action = await forgotten();
    await expect(revoke(action)).rejects.toMatchObject({ type: 'grant_live' });
    expect(await grants()).toEqual([{ state: 'revoking', ended_by: null, last_code: 'target_unknown' }]);
  });

  it('I5 that was ended by a worker which died is told of all the same', async () => {
    workshop.target.revocations = [LIVE, LIVE];
    const action = await done();
    workshop.dieAt = 'revoke:after-external';
    await expect(revoke(action)).rejects.toThrow('died');
    await revoke(action);
    expect(await events('grant/%')).toHaveLength(1);
  });
});

describe('a person who is asked what became of a step', () => {
  const ask = (action: SeededAction): Promise<void> =>
    createAskPerson(workshop.deps)({ ...ref(action), kind: 'unknown_outcome' });
  const reconcile = (action: SeededAction): Promise<object> => createReconcileStep(workshop.deps)(ref(action));
  const cannotSay = (): void => void (workshop.target.statuses = [{ kind: 'unanswered', code: 'no_answer' }]);

  async function unknown(): Promise<SeededAction> {
    const action = await decided();
    workshop.target.behaviours = ['loses the reply'];
    expect(await perform(action)).toMatchObject({ kind: 'unknown' });
    return action;
  }

  async function resolve(resolution: 'happened' | 'did_not_happen'): Promise<void> {
    const [open] = await world.rows<{ task: string }>(`select task from tasks where tenant = $1 and state = 'open'`, [
      tenant,
    ]);
    await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test') on conflict do nothing`, [tenant]);
    const told = { task: open?.task ?? '', resolution, reason: 'looked', by: 'bob' };
    expect(await world.as('gateway', tenant, (client) => resolveTask(client, tenant, told))).toBe('done');
  }

  it('is asked once, and nothing is sent meanwhile', async () => {
    const action = await unknown();
    await ask(action);
    await ask(action);
    expect(await events('task/%')).toHaveLength(1);
    expect(await world.rows('select state from actions where tenant = $1', [tenant])).toEqual([{ state: 'unknown' }]);
    cannotSay();
    expect(await reconcile(action)).toMatchObject({ kind: 'unknown' });
    expect(workshop.target.calls).toHaveLength(1);
  });

  it('is believed: it happened', async () => {
    const action = await unknown();
    await ask(action);
    await resolve('happened');
    expect(await reconcile(action)).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.calls).toHaveLength(1);
  });

  it('X62 is believed about the attempt that was asked about, and about no later one', async () => {
    const action = await unknown();
    await ask(action);
    await resolve('did_not_happen');
    expect(await reconcile(action)).toEqual({ kind: 'not_done', revoked: true });
    workshop.target.behaviours = ['loses the reply'];
    expect(await perform(action)).toMatchObject({ kind: 'unknown' });
    cannotSay();
    expect(await reconcile(action)).toMatchObject({ kind: 'unknown' });
    await ask(action);
    expect(await world.rows(`select from tasks where tenant = $1 and state = 'open'`, [tenant])).toHaveLength(1);
    expect(workshop.target.calls).toHaveLength(2);
  });

  it('need not look any more when the target can say after all', async () => {
    const action = await unknown();
    await ask(action);
    expect(await reconcile(action)).toEqual({ kind: 'done', revoked: true });
    expect(await world.rows('select state, resolution, resolved_by from tasks where tenant = $1', [tenant])).toEqual([
      { state: 'resolved', resolution: 'happened', resolved_by: 'countersign' },
    ]);
    expect(await events('task/%')).toHaveLength(2);
  });
});

it.each(AGENT_STATES)('K3 while its agent is %s, what was begun is found out, ended and undone', async (state) => {
  const action = await decided();
  workshop.target.behaviours = ['loses the reply'];
  expect(await perform(action)).toMatchObject({ kind: 'unknown' });
  await world.rows('update agents set state = $2 where tenant = $1', [tenant, state]);
  workshop.target.revocations = [{ kind: 'live', code: 'target_busy' }];
  expect(await createReconcileStep(workshop.deps)(ref(action))).toMatchObject({ kind: 'done' });
  await revoke(action);
  expect(await undo(action)).toEqual({ kind: 'undone', revoked: true });
  await revoke(action);
  expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['payIt', 'unpayIt']);
  expect(await world.rows('select state from grants where tenant = $1', [tenant])).toEqual([
    { state: 'revoked' },
    { state: 'revoked' },
  ]);
});
