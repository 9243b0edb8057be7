import { type ActionStart } from '../temporal/action-start';
import { type TemporalClient } from '../temporal/connect';
import { submitAction } from '../temporal/submit-action';
import { createWaker } from '../temporal/wake';
import { type GatewayDeps, type StartableAction } from './deps';

/** The gateway's two words to Temporal: start and wait, and wake. */
export function createStarter(client: TemporalClient): Pick<GatewayDeps, 'submit' | 'wake'> {
  const waker = createWaker(client);
  return {
    submit: async (action, waitMs) =>
      (await submitAction(client, startOf(action), waitMs)) === 'pending' ? 'pending' : 'answered',
    wake: async (action) => {
      await waker.wake(startOf(action));
    },
  };
}

/** What the outbox says too when it is the one to start it. */
function startOf({ tenant, actionId, agent, team, type, risk }: StartableAction): ActionStart {
  const labels = { agentId: agent, actionType: type, riskClass: risk, teamId: team };
  return { tenant, actionId, labels, summary: `${type} for ${agent}` };
}
