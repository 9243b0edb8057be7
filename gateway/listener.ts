import { type Route } from './route';
import { ROUTES } from './routes';

/**
 * The gateway listens twice, or three times. What operators use (also people, and the first admin) is not there at all for whoever reaches the agents'
 * API, so that a network can keep it apart; and the other way round. Probes are on each, and on the one for monitoring there is nothing else.
 */
export type Listener = 'agents' | 'operators' | 'monitoring';

export function routesOf(listener: Listener): readonly Route[] {
  return ROUTES.filter(
    ({ anyHost, tag }) =>
      anyHost === true || (listener !== 'monitoring' && (tag === 'operators') === (listener === 'operators')),
  );
}
