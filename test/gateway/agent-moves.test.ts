import { AGENT_STATES, type AgentEvent, type AgentState, nextAgentState } from '../../domain/agent-life';
import { type Harness, startHarness } from './harness';

/* The table of states and events through the API: what it does not have is refused, and changes nothing. */

let h: Harness;
beforeAll(async () => (h = await startHarness()));
afterAll(() => h.stop());

const MOVES = ['throttle', 'restrict', 'ask_always', 'pause', 'quarantine', 'resume', 'offboard'] as const;

const put = async (state: AgentState): Promise<unknown> =>
  await h.superuser.query(`update agents set state = $1 where tenant = 'acme' and agent = 'agent'`, [state]);
const stateNow = async (): Promise<unknown> =>
  (await h.superuser.query(`select state from agents where tenant = 'acme' and agent = 'agent'`)).rows[0];

/** Where the event would lead from there if it led anywhere: asked for again, it is answered as done. */
function expected(state: AgentState, event: AgentEvent): readonly [status: number, state: AgentState] {
  const next = nextAgentState(state, event);
  const already = AGENT_STATES.some((from) => nextAgentState(from, event) === state);
  if (state === 'quarantined' && event === 'resume') return [202, state]; // it takes two people
  return next === undefined ? [already ? 200 : 409, state] : [200, next];
}

it.each(AGENT_STATES)('an agent that is %s is moved as the table says, and not otherwise', async (state) => {
  for (const event of MOVES) {
    await put(state);
    const json = { do: event, reason: 'a test' };
    const { status, body } = await h.request('POST', '/v1/admin/agents/agent/moves', { as: 'max', json });
    const [expectedStatus, after] = expected(state, event);
    expect([event, status, await stateNow()]).toEqual([event, expectedStatus, { state: after }]);
    if (status === 409) expect([event, body.code]).toEqual([event, 'agent_state_forbids']);
  }
});
