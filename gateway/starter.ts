import { type TemporalClient } from '../temporal/connect';
import { startOf } from '../temporal/start-of';
import { submitAction } from '../temporal/submit-action';
import { createWaker } from '../temporal/wake';
import { type GatewayDeps } from './deps';

/** The gateway's two words to Temporal: start and wait, and wake. */
export function createStarter(client: TemporalClient): Pick<GatewayDeps, 'submit' | 'wake'> {
  const waker = createWaker(client);
  return {
    submit: async (action, waitMs) =>
      (await submitAction(client, startOf(action), waitMs)) === 'pending' ? 'pending' : 'answered',
    wake: async (action) => await waker.wake(startOf(action)),
  };
}
