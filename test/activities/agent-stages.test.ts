import { createDecide } from '../../activities/decide';
import { createPerformStep } from '../../activities/perform-step';
import { createReadVerdict } from '../../activities/read-verdict';
import { createReconcileStep } from '../../activities/reconcile-step';
import { createUndoStep } from '../../activities/undo-step';
import { findDenial } from '../../db/find-denial';
import { cancelForOffboarding } from '../../db/offboarding';
import { AGENT_STATES, type AgentState } from '../../domain/agent-life';
import { AGENT, seedAction, type SeededAction, TYPE, vote } from '../helpers/seed';
import { ACTION_TYPE, ask, TWO_STEPS } from '../helpers/workshop';
import { tenant, workshop, world } from '../helpers/own-workshop';

/* What each state of an agent does to what it asked for, by how far that has come: each test is a column of the table in docs/agents-lives.md. */

/** Past whoever may, and every state that lies between. */
async function put(state: AgentState): Promise<void> {
  await world.rows('update agents set state = $2 where tenant = $1', [tenant, state]);
  if (state !== 'offboarding') return;
  await world.as('worker', tenant, (client) => cancelForOffboarding(client, tenant, AGENT.id, AGENT.generation));
}

const at = (stepId: string, { actionId }: SeededAction) => ({ tenant, actionId, stepId });
const decide = (action: SeededAction): Promise<{ readonly kind: string }> => createDecide(workshop.deps)(action);
const perform = (action: SeededAction, step: string): Promise<object> =>
  createPerformStep(workshop.deps)(at(step, action));
const verdict = (action: SeededAction): Promise<object> => createReadVerdict(workshop.deps)(action);

/** What became of it, in a word; where it was denied, why. */
async function said(action: SeededAction, result: object): Promise<string> {
  const { kind, stopped, code } = result as {
    readonly kind: string;
    readonly stopped?: string;
    readonly code?: string;
  };
  if (kind !== 'denied' && stopped !== 'denied') return stopped ?? kind;
  const [denial] = await world.as('worker', tenant, (client) => findDenial(client, tenant, action.actionId));
  return denial?.code ?? code ?? kind;
}

const seed = (id: string = TYPE.id, effect = 'compensable'): Promise<SeededAction> =>
  seedAction(world, tenant, { type: { ...TYPE, id, effect } });

async function decided(id?: string, effect?: string): Promise<SeededAction> {
  const action = await seed(id, effect);
  await decide(action);
  return action;
}

async function countersigned(id?: string): Promise<SeededAction> {
  workshop.policy.decision = ask('finance-1');
  const action = await decided(id);
  await vote(world, action, 'bob');
  expect(await verdict(action)).toEqual({ kind: 'approved' });
  return action;
}

/** The same types, of which one only reads; and the chain of whoever always has to ask. */
function readingToo(): void {
  const { catalogue } = workshop.policy;
  const { budget: _, ...unbudgeted } = ACTION_TYPE;
  const reads = { ...unbudgeted, id: 'pay.look', effect: 'read' as const };
  const actionTypes = { ...catalogue.actionTypes, [reads.id]: reads };
  const data = { ...catalogue.data, agents: { ask_always: 'finance-1' } };
  workshop.policy.catalogue = { ...catalogue, actionTypes, data };
}

const of = (outcomes: Readonly<Record<AgentState, string>>): (readonly [state: AgentState, outcome: string])[] =>
  AGENT_STATES.map((state) => [state, outcomes[state]]);
const OVER = { quarantined: 'agent_not_active', onboarding: 'agent_not_active', offboarded: 'agent_not_active' };

describe('what an agent asked for', () => {
  it.each(
    of({
      ...{ active: 'allowed', throttled: 'allowed', read_only: 'agent_restricted', ask_always: 'asked' },
      ...{ paused: 'held', offboarding: 'agent_not_active', ...OVER },
    }),
  )('T3 is decided as its state says, where the agent is %s: %s', async (state, outcome) => {
    readingToo();
    const [action, read] = [await seed(), await seed('pay.look', 'read')];
    await put(state);
    expect(await said(action, await decide(action))).toBe(outcome);
    expect(await said(read, await decide(read))).toBe(state === 'read_only' ? 'allowed' : outcome);
  });

  it.each(
    of({
      ...{ active: 'done', throttled: 'done', read_only: 'agent_restricted', ask_always: 'reconsider' },
      ...{ paused: 'held', offboarding: 'agent_not_active', ...OVER },
    }),
  )('T4 and was decided begins as its state says, where the agent is %s by then: %s', async (state, outcome) => {
    readingToo();
    const [action, read] = [await decided(), await decided('pay.look', 'read')];
    await put(state);
    expect(await said(action, await perform(action, 'pay'))).toBe(outcome);
    expect(workshop.target.calls).toHaveLength(outcome === 'done' ? 1 : 0);
    expect(await said(read, await perform(read, 'pay'))).toBe(state === 'read_only' ? 'done' : outcome);
    if (state === 'ask_always') expect(await decide(action)).toMatchObject({ kind: 'asked' });
  });

  it.each(of({ ...allOf('approved'), offboarding: 'cancelled' }))(
    'T5 and waits for people goes on waiting for them, where the agent is %s, until it is %s; its deadline runs',
    async (state, outcome) => {
      workshop.policy.decision = ask('finance-1');
      const [action, late] = [await decided(), await decided()];
      await put(state);
      expect(await vote(world, action, 'bob')).toBe('recorded');
      expect(await verdict(action)).toEqual({ kind: outcome });
      await world.rows('update approval_requests set deadline = clock_timestamp() where action = $1', [late.actionId]);
      expect(await verdict(late)).toEqual({ kind: state === 'offboarding' ? 'cancelled' : 'expired' });
    },
  );

  it.each(
    of({
      ...{ active: 'done', throttled: 'done', read_only: 'agent_restricted', ask_always: 'done' },
      ...{ paused: 'held', offboarding: 'agent_not_active', ...OVER },
    }),
  )('T6 and was countersigned begins as its state says, where the agent is %s by then: %s', async (state, outcome) => {
    const action = await countersigned();
    await put(state);
    expect(await said(action, await perform(action, 'pay'))).toBe(outcome);
    expect(workshop.target.calls).toHaveLength(outcome === 'done' ? 1 : 0);
  });

  it.each(
    of({
      ...{ active: 'done', throttled: 'done', read_only: 'agent_restricted', ask_always: 'reconsider' },
      ...{ paused: 'held', offboarding: 'agent_not_active', ...OVER },
    }),
  )(
    'T7 and is at its target ends there, where the agent is %s meanwhile; its next step: %s',
    async (state, outcome) => {
      readingToo();
      const [action, agreed] = [await decided(TWO_STEPS.id), await countersigned(TWO_STEPS.id)];
      const { target, policy } = workshop;
      const execute = target.execute.bind(target);
      target.execute = async (call) => {
        await put(state);
        return await execute(call);
      };
      // Policy asks for nobody where nobody was asked.
      policy.decision = { ...ask(), effect: 'allow' };
      expect(await said(action, await perform(action, 'book'))).toBe('done');
      target.execute = execute;
      expect(await said(action, await perform(action, 'pay'))).toBe(outcome);
      expect(await said(agreed, await perform(agreed, 'book'))).toBe(state === 'ask_always' ? 'done' : outcome);
    },
  );

  it.each(of(allOf('done')))(
    'T8 and of which nobody knows what became is found out, where the agent is %s: %s',
    async (state, outcome) => {
      const action = await decided();
      workshop.target.behaviours = ['loses the reply'];
      expect(await perform(action, 'pay')).toMatchObject({ kind: 'unknown' });
      await put(state);
      expect(await createReconcileStep(workshop.deps)(at('pay', action))).toEqual({ kind: outcome, revoked: true });
    },
  );

  it.each(of(allOf('undone')))(
    'T9 and is taken back is taken back, with every credential ended, where the agent is %s: %s',
    async (state, outcome) => {
      const action = await decided(TWO_STEPS.id);
      await perform(action, 'book');
      await put(state);
      expect(await createUndoStep(workshop.deps)(at('book', action))).toEqual({ kind: outcome, revoked: true });
      expect(workshop.target.calls.map(({ operation }) => operation)).toEqual(['bookIt', 'unbookIt']);
      expect(await world.rows(`select from grants where tenant = $1 and state <> 'revoked'`, [tenant])).toEqual([]);
    },
  );
});

function allOf(outcome: string): Record<AgentState, string> {
  return Object.fromEntries(AGENT_STATES.map((state) => [state, outcome])) as Record<AgentState, string>;
}
