import { type Evidence } from './evidence';

/**
 * I14: an action that was executed left its effects, and nobody is still asked about them; any other left nothing, or a task for a person. What
 * an agent did with access of its own, the services' books do not know.
 */
export function netted({ witness, actions }: Evidence): readonly string[] {
  return actions.flatMap(({ action, lane, state, tasks, asking }) => {
    const seen = witness.byAction.get(action);
    const standing =
      seen !== undefined && (seen.standingBookings !== 0 || Object.values(seen.net).some((amount) => amount !== 0));
    if (state === 'executed' && asking > 0)
      return [`I14 ${action} was executed, and a person is still asked what became of it`];
    if (state === 'executed' && !standing && lane !== 'granted')
      return [`I14 ${action} is said to be executed, and its targets hold nothing of it`];
    return state !== 'executed' && standing && tasks === 0
      ? [`I14 ${action} ended as ${state}, and its targets still hold effects of it`]
      : [];
  });
}
