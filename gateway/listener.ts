import { type Route } from './route';
import { ROUTES } from './routes';

/**
 * The gateway listens twice. What operators use (also people, and the first admin) is not there at all for whoever reaches the agents' API, so that
 * a network can keep it apart; and the other way round. Probes are on both.
 */
export type Listener = 'agents' | 'operators';

export function routesOf(listener: Listener): readonly Route[] {
  return ROUTES.filter((route) => route.anyHost === true || (route.tag === 'operators') === (listener === 'operators'));
}
