import { AGENT_EVENTS, AGENT_STATES, nextAgentState, stoppedByState, takesRequests } from '../../domain/agent-life';

it('leads from every state by every event where the table says, and nowhere else', () => {
  const table = AGENT_STATES.map((state) => [
    state,
    ...AGENT_EVENTS.flatMap((event) => {
      const next = nextAgentState(state, event);
      return next === undefined ? [] : [`${event} → ${next}`];
    }),
  ]);
  expect(table).toEqual([
    [
      'active',
      'throttle → throttled',
      'restrict → read_only',
      'ask_always → ask_always',
      'pause → paused',
      'quarantine → quarantined',
      'offboard → offboarding',
    ],
    [
      'throttled',
      'restrict → read_only',
      'ask_always → ask_always',
      'pause → paused',
      'quarantine → quarantined',
      'resume → active',
      'offboard → offboarding',
    ],
    [
      'read_only',
      'throttle → throttled',
      'ask_always → ask_always',
      'pause → paused',
      'quarantine → quarantined',
      'resume → active',
      'offboard → offboarding',
    ],
    [
      'ask_always',
      'throttle → throttled',
      'restrict → read_only',
      'pause → paused',
      'quarantine → quarantined',
      'resume → active',
      'offboard → offboarding',
    ],
    ['paused', 'quarantine → quarantined', 'resume → active', 'offboard → offboarding'],
    ['onboarding', 'approve → active', 'reject → offboarded'],
    ['quarantined', 'resume → active', 'offboard → offboarding'],
    ['offboarding', 'finish → offboarded'],
    ['offboarded'],
  ]);
});

it('lets begin what the state lets through', () => {
  const stopped = (state: string) =>
    (['read', 'compensable'] as const).flatMap((effect) =>
      [false, true].map((asked) => stoppedByState(state, effect, asked) ?? 'may'),
    );
  expect(Object.fromEntries(AGENT_STATES.map((state) => [state, stopped(state).join(' ')]))).toEqual({
    active: 'may may may may',
    throttled: 'may may may may',
    read_only: 'may may agent_restricted agent_restricted',
    ask_always: 'agent_restricted may agent_restricted may',
    paused: 'agent_paused agent_paused agent_paused agent_paused',
    onboarding: 'agent_not_active agent_not_active agent_not_active agent_not_active',
    quarantined: 'agent_not_active agent_not_active agent_not_active agent_not_active',
    offboarding: 'agent_not_active agent_not_active agent_not_active agent_not_active',
    offboarded: 'agent_not_active agent_not_active agent_not_active agent_not_active',
  });
  expect(stoppedByState('some_new_state', 'read', true)).toBe('agent_not_active');
  expect(AGENT_STATES.filter(takesRequests)).toEqual(['active', 'throttled', 'read_only', 'ask_always']);
});
