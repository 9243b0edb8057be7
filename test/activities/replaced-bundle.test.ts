import { createAskPerson } from '../../activities/ask-person';
import { createDecide } from '../../activities/decide';
import { createOpenAccess, type Opened } from '../../activities/open-access';
import { createPerformStep } from '../../activities/perform-step';
import { type StepResult } from '../../activities/results';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createSettle } from '../../activities/settle';
import { createUndoStep } from '../../activities/undo-step';
import { activateBundle } from '../../db/activate-bundle';
import { resolveTask } from '../../db/resolve-task';
import { type ActionType, type Target } from '../../domain/documents';
import { LIMITS } from '../../domain/limits';
import { frozenWhile } from '../helpers/frozen-while';
import { BUNDLE, digest, seedAction, type SeededAction, seedTenant, TYPE } from '../helpers/seed';
import { ACTION_TYPE, ask, createWorkshop, DENY, TWO_STEPS, type Workshop } from '../helpers/workshop';
import { createWorld, type World } from '../helpers/world';

const NEWER = { digest: digest('c'), version: BUNDLE.version + 1 };
const NEXT_VERSION = { [ACTION_TYPE.id]: { ...ACTION_TYPE, version: ACTION_TYPE.version + 1 } };

let world: World;
let tenant: string;
let workshop: Workshop;
// A world of its own for each: bundles are the deployment's, not a tenant's.
beforeEach(async () => {
  world = await createWorld();
  tenant = await seedTenant(world);
  workshop = createWorkshop(world);
});
afterEach(() => world.close());

const ref = ({ actionId }: SeededAction, stepId = 'pay'): { tenant: string; actionId: string; stepId: string } => ({
  tenant,
  actionId,
  stepId,
});
const decide = (action: SeededAction): Promise<object> => createDecide(workshop.deps)(ref(action));
const perform = (action: SeededAction, stepId?: string): Promise<StepResult> =>
  createPerformStep(workshop.deps)(ref(action, stepId));
const open = (action: SeededAction): Promise<Opened> => createOpenAccess(workshop.deps)(ref(action));

async function allowed(type = TYPE): Promise<SeededAction> {
  const action = await seedAction(world, tenant, { type });
  await decide(action);
  return action;
}

/** A new bundle comes into force that has other action types, or none; the old one is kept in Postgres. */
async function replaceBundle(actionTypes: Readonly<Record<string, ActionType>> = {}): Promise<void> {
  const { policy } = workshop;
  expect(await activateBundle(world.worker, NEWER, '{}')).toBe('active');
  workshop.earlier[BUNDLE.digest] = policy.catalogue;
  policy.catalogue = { ...policy.catalogue, actionTypes };
  policy.bundleDigest = NEWER.digest;
}

/** From now on the workshop holds a newer bundle, which is in force. */
async function holdNewer(): Promise<void> {
  expect(await activateBundle(world.worker, NEWER, '{}')).toBe('active');
  workshop.policy.bundleDigest = NEWER.digest;
}

/** As a worker that nobody has given the newer bundle yet. Returns what makes it one that holds it again. */
function fallBehind(differs: (workshop: Workshop) => unknown): () => void {
  const { policy } = workshop;
  const newer = { ...policy };
  workshop.earlier[NEWER.digest] = newer.catalogue;
  policy.bundleDigest = BUNDLE.digest;
  differs(workshop);
  return () => void Object.assign(policy, newer);
}

const withoutTypes = ({ policy }: Workshop): void => void (policy.catalogue = { ...policy.catalogue, actionTypes: {} });

describe('an action whose type left the catalogue', () => {
  it('does not begin any more', async () => {
    const action = await allowed();
    await replaceBundle();
    expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
    expect(workshop.target.calls).toEqual([]);
  });

  describe('before its next round was decided', () => {
    const changed = (): void =>
      void (workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban: 'DE02', status: 'active' } });
    const reconcile = (action: SeededAction): Promise<object> => createReconcileStep(workshop.deps)(ref(action));
    const denied = { kind: 'stopped', stopped: 'denied', code: 'policy_changed' };

    it('is not asked after for ever where it was never begun: it is not done, and does not begin', async () => {
      const action = await allowed();
      changed();
      expect(await perform(action)).toEqual({ kind: 'reconsider' });
      await replaceBundle();
      expect(await reconcile(action)).toEqual({ kind: 'not_done', revoked: true });
      expect(await perform(action)).toEqual(denied);
      expect(workshop.target.calls).toEqual([]);
    });

    it('nor where it is known not to have happened; that its credential may be alive is said', async () => {
      const action = await allowed();
      workshop.target.behaviours = ['loses the request'];
      workshop.target.revocations = Array.from({ length: 3 }, () => ({ kind: 'live', code: 'target_busy' }));
      expect(await perform(action)).toMatchObject({ kind: 'unknown' });
      expect(await reconcile(action)).toEqual({ kind: 'not_done', revoked: false });
      changed();
      expect(await perform(action)).toEqual({ kind: 'reconsider', revoked: false });
      await replaceBundle();
      expect(await reconcile(action)).toEqual({ kind: 'not_done', revoked: false });
      expect(await perform(action)).toEqual({ ...denied, revoked: false });
      expect(workshop.target.calls).toHaveLength(1);
    });
  });

  describe('and that was begun under a bundle that nobody has any more', () => {
    const reconcile = (action: SeededAction): Promise<object> => createReconcileStep(workshop.deps)(ref(action));
    const says = async (resolution: 'happened' | 'did_not_happen'): Promise<string> => {
      await createAskPerson(workshop.deps)({ ...ref(action), kind: 'unknown_outcome' });
      await world.rows(`insert into role_grants values ($1, 'bob', 'operator', 'test')`, [tenant]);
      const answer = { task: `${action.actionId}.pay.unknown_outcome.1`, resolution, reason: 'looked', by: 'bob' };
      return await world.as('gateway', tenant, (client) => resolveTask(client, tenant, answer));
    };

    let action: SeededAction;
    beforeEach(async () => {
      action = await allowed();
      workshop.target.behaviours = ['loses the reply'];
      expect(await perform(action)).toMatchObject({ kind: 'unknown' });
      await replaceBundle();
      delete workshop.earlier[BUNDLE.digest];
    });

    it('X62 stays unknown until somebody has looked', async () => {
      expect(await reconcile(action)).toEqual({ kind: 'unknown', revoked: true });
      expect(workshop.target.calls).toHaveLength(1);
    });

    it.each([
      // Whether that was all of it, nobody can say.
      ['happened', { kind: 'done', revoked: true }, null, 'undo_stuck'],
      ['did_not_happen', { kind: 'not_done', revoked: true }, 'denied', 'denied'],
    ] as const)('X62 is what a person says: %s', async (resolution, known, stopped, state) => {
      expect(await reconcile(action)).toEqual({ kind: 'unknown', revoked: true });
      expect(await says(resolution)).toBe('done');
      expect([await reconcile(action), await reconcile(action)]).toEqual([known, known]);
      const codes = stopped === null ? [] : ['policy_changed'];
      expect(await createSettle(workshop.deps)({ ...ref(action), stopped, codes })).toEqual({ state });
    });
  });

  it('X62 has begun, where a twin began it while this worker was frozen', async () => {
    const action = await allowed();
    const frozen = frozenWhile(workshop, async () => {
      expect(await perform(action)).toMatchObject({ kind: 'done' });
      await replaceBundle();
    });
    expect(await createPerformStep(frozen)(ref(action))).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.happened).toHaveLength(1);
  });

  it('X62 is still asked after, by the catalogue that it was decided under', async () => {
    const action = await allowed();
    workshop.target.behaviours = ['loses the reply'];
    expect(await perform(action)).toMatchObject({ kind: 'unknown' });
    await replaceBundle();
    expect(await createReconcileStep(workshop.deps)(ref(action))).toEqual({ kind: 'done', revoked: true });
    expect(await createSettle(workshop.deps)({ ...ref(action), stopped: null, codes: [] })).toEqual({
      state: 'executed',
    });
  });

  it('I14 is still undone', async () => {
    const action = await allowed();
    expect(await perform(action)).toMatchObject({ kind: 'done' });
    await replaceBundle();
    expect(await createUndoStep(workshop.deps)(ref(action))).toEqual({ kind: 'undone', revoked: true });
  });
});

describe('an action that was decided is asked about again, by a workflow that remembers nothing, and', () => {
  it.each([
    ['its type left the catalogue', {}],
    ['its type has another version', NEXT_VERSION],
  ])('what was done stands: %s', async (_, actionTypes) => {
    const action = await allowed();
    const done = { kind: 'done', revoked: true };
    expect(await perform(action)).toEqual(done);
    await replaceBundle(actionTypes);
    const steps = [{ id: 'pay', summary: 'payIt at bank' }];
    expect(await decide(action)).toEqual({ kind: 'allowed', bundleDigest: BUNDLE.digest, steps, begun: ['pay'] });
    expect(await perform(action)).toEqual(done);
    expect(workshop.target.log).toEqual(['read', 'execute', 'revoke']);
  });

  it('what was not done is not begun: its type left the catalogue', async () => {
    const action = await allowed();
    await replaceBundle();
    expect(await decide(action)).toMatchObject({ kind: 'allowed' });
    expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'policy_changed' });
    expect(workshop.target.log).toEqual([]);
  });

  it('the ledger says what people are shown, also where a worker with an older bundle tells it', async () => {
    workshop.policy.decision = ask('finance-1');
    await holdNewer();
    const action = await seedAction(world, tenant);
    workshop.dieAt = 'decide:after-commit';
    await expect(decide(action)).rejects.toThrow();
    fallBehind(withoutTypes);
    expect(await decide(action)).toMatchObject({ kind: 'asked', bundleDigest: NEWER.digest, steps: [{ id: 'pay' }] });
    expect(
      await world.rows(
        `select leaf::jsonb -> 'entry' -> 'card' as card from ledger where tenant = $1 and key like 'action/%/decided/1'`,
        [tenant],
      ),
    ).toEqual([{ card: expect.stringMatching(/^sha256:/) }]);
  });
});

describe('X61 a worker that still holds an older bundle leaves a step to those that hold the one in force, where its own', () => {
  const STALE = { type: 'bundle_stale', nonRetryable: false };
  const withType = (changes: Partial<ActionType>) => (behind: Workshop) => {
    const { catalogue } = behind.policy;
    behind.policy.catalogue = { ...catalogue, actionTypes: { [ACTION_TYPE.id]: { ...ACTION_TYPE, ...changes } } };
  };
  const elsewhere = ({ policy }: Workshop): void => {
    const bank = { ...policy.catalogue.targets['bank'], address: 'http://elsewhere.invalid' } as Target;
    policy.catalogue = { ...policy.catalogue, targets: { bank } };
  };
  const changeIban = (iban: string): void =>
    void (workshop.target.facts['vendorById'] = { kind: 'found', fact: { iban, status: 'active' } });

  /** All of which is the newer bundle's. */
  async function decided(): Promise<object[]> {
    const rows = await world.rows<{ round: number; bundle: string }>(
      `select r.round, d.bundle_digest as bundle from action_rounds r left join decisions d using (tenant, action, round)
       where r.tenant = $1 order by r.round, d.decided_at`,
      [tenant],
    );
    return rows.map(({ round, bundle }) => ({ round, bundle }));
  }

  it.each([
    ['does not know its type', withoutTypes],
    ['has another version of its type', withType({ version: ACTION_TYPE.version + 1 })],
    ['binds other facts', withType({ envelope: [] })],
    ['would do it elsewhere', elsewhere],
    ['denies it', ({ policy }: Workshop) => (policy.decision = DENY)],
    ['asks people about it', ({ policy }: Workshop) => (policy.decision = ask('finance-1'))],
  ])('%s', async (_, differs) => {
    await holdNewer();
    const action = await allowed();
    const catchUp = fallBehind(differs);
    await expect(perform(action)).rejects.toMatchObject(STALE);
    expect(await decided()).toEqual([{ round: 1, bundle: NEWER.digest }]);
    expect(workshop.target.calls).toEqual([]);
    catchUp();
    expect(await perform(action)).toEqual({ kind: 'done', revoked: true });
    expect(workshop.target.happened).toHaveLength(1);
  });

  it('would do it elsewhere, and it may not be decided anew once more', async () => {
    await holdNewer();
    const action = await allowed();
    for (let round = 1; round < LIMITS.rounds; round++) {
      changeIban(`DE9${String(round)}`);
      expect(await perform(action)).toEqual({ kind: 'reconsider' });
      expect(await decide(action)).toMatchObject({ kind: 'allowed' });
    }
    const catchUp = fallBehind(elsewhere);
    await expect(perform(action)).rejects.toMatchObject(STALE);
    catchUp();
    expect(await perform(action)).toMatchObject({ kind: 'done' });
  });

  it.each([
    ['a step', 'brokered', perform],
    ['access of the agent’s own', 'granted', open],
  ] as const)('does not know its type, whose next round nobody has decided yet: %s', async (_, lane, run) => {
    withType({ lane })(workshop);
    await holdNewer();
    const action = await allowed({ ...TYPE, lane });
    changeIban('DE02');
    expect(await run(action)).toEqual({ kind: 'reconsider' });
    const catchUp = fallBehind(withoutTypes);
    await expect(run(action)).rejects.toMatchObject(STALE);
    catchUp();
    expect(await decide(action)).toMatchObject({ kind: 'allowed' });
    expect(await run(action)).toMatchObject({ kind: lane === 'granted' ? 'open' : 'done' });
  });

  it('would have more done before it, and nobody has decided its next round yet', async () => {
    await holdNewer();
    const action = await allowed({ ...TWO_STEPS, effect: 'compensable', lane: 'brokered' });
    expect(await perform(action, 'book')).toMatchObject({ kind: 'done' });
    changeIban('DE02');
    expect(await perform(action)).toEqual({ kind: 'reconsider' });
    const catchUp = fallBehind(({ policy }) => {
      const steps = TWO_STEPS.steps.flatMap((step) => (step.id === 'pay' ? [{ ...step, id: 'tell' }, step] : [step]));
      policy.catalogue = { ...policy.catalogue, actionTypes: { [TWO_STEPS.id]: { ...TWO_STEPS, steps } } };
    });
    await expect(perform(action)).rejects.toMatchObject(STALE);
    catchUp();
    expect(await decide(action)).toMatchObject({ kind: 'allowed', begun: ['book'] });
    expect(await perform(action)).toMatchObject({ kind: 'done' });
    expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['bookIt', 'payIt']);
  });
});

it('X13 parameters that were changed behind everybody’s back are not sent', async () => {
  const action = await allowed();
  await world.superuser.query(
    `update actions set params = params || '{"amountMinor": 999}' where tenant = $1 and action = $2`,
    [tenant, action.actionId],
  );
  expect(await perform(action)).toEqual({ kind: 'stopped', stopped: 'denied', code: 'digest_mismatch' });
  expect(workshop.target.calls).toEqual([]);
});
