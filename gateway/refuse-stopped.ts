import { type Scoped, type StopWatch } from '../db/stop-watch';
import { RequestRefused } from './request-refused';

/**
 * Refuses what would be denied as stopped, before it costs anything; and, in doubt, everything. Who asks just after a stop was lifted is not
 * refused for it: where this process thinks that something is stopped, it asks again, once for all who wait.
 */
export async function refuseStopped(stops: StopWatch, action: Scoped): Promise<void> {
  if (stops.isDeaf()) throw new RequestRefused('not_ready');
  if (!stops.stops(action)) return;
  await stops.hear();
  if (stops.stops(action)) throw new RequestRefused('scope_fenced');
}
