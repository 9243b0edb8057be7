import { type EffectClass } from './documents';

/** What an agent may be. It acts in the first four; in `paused` what has not begun is held, in the others it ends. */
export const AGENT_STATES = [
  'active',
  'throttled',
  'read_only',
  'ask_always',
  'paused',
  'onboarding',
  'quarantined',
  'offboarding',
  'offboarded',
] as const;
export type AgentState = (typeof AGENT_STATES)[number];

export const AGENT_EVENTS = [
  'approve',
  'reject',
  'throttle',
  'restrict',
  'ask_always',
  'pause',
  'quarantine',
  'resume',
  'offboard',
  'finish',
] as const;
export type AgentEvent = (typeof AGENT_EVENTS)[number];

const ACTING: readonly AgentState[] = ['active', 'throttled', 'read_only', 'ask_always'];

/** From where each event leads where. What is not here is refused. Postgres has the same table (`next_agent_state`). */
const TRANSITIONS: Readonly<Record<AgentEvent, { readonly from: readonly AgentState[]; readonly to: AgentState }>> = {
  approve: { from: ['onboarding'], to: 'active' },
  reject: { from: ['onboarding'], to: 'offboarded' },
  throttle: { from: ACTING, to: 'throttled' },
  restrict: { from: ACTING, to: 'read_only' },
  ask_always: { from: ACTING, to: 'ask_always' },
  pause: { from: ACTING, to: 'paused' },
  quarantine: { from: [...ACTING, 'paused'], to: 'quarantined' },
  resume: { from: ['throttled', 'read_only', 'ask_always', 'paused', 'quarantined'], to: 'active' },
  offboard: { from: [...ACTING, 'paused', 'quarantined'], to: 'offboarding' },
  finish: { from: ['offboarding'], to: 'offboarded' },
};

/** The state after the event; `undefined` where it is refused. What would change nothing is no transition. */
export function nextAgentState(state: AgentState, event: AgentEvent): AgentState | undefined {
  const { from, to } = TRANSITIONS[event];
  return from.includes(state) && state !== to ? to : undefined;
}

/** Whether requests of an agent in that state are taken at all. */
export function takesRequests(state: string): boolean {
  return ACTING.some((acting) => acting === state);
}

/** Whether it may decide in its own process (lane `cooperative`), where nobody can hold it to a restriction. */
export function decidesItself(state: string): boolean {
  return state === 'active' || state === 'throttled';
}

/**
 * Why an agent in that state may not begin an effect of that class; `undefined`: it may. `asked`: people countersigned it.
 * Postgres says the same where the effect begins (`agent_stopped`).
 */
export function stoppedByState(
  state: string,
  effect: EffectClass,
  asked: boolean,
): 'agent_paused' | 'agent_restricted' | 'agent_not_active' | undefined {
  switch (state) {
    case 'active':
    case 'throttled':
      return undefined;
    case 'read_only':
      return effect === 'read' ? undefined : 'agent_restricted';
    case 'ask_always':
      return asked ? undefined : 'agent_restricted';
    case 'paused':
      return 'agent_paused';
    default:
      return 'agent_not_active';
  }
}
