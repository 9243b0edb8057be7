import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Loop, startLoop } from '../loops/start-loop';
import { createTellPeople, type TellingDeps } from '../loops/tell-people';
import { type ChannelConfig, createChannels } from './create-channels';

/** How soon somebody hears of a change. */
const IDLE_MS = 300;

/** The loop that tells people. Without any channel there is none, and nothing is marked as told: whoever sets one up later finds what is still open. */
export function startTelling(
  config: ChannelConfig,
  pool: Pool,
  catalogue: TellingDeps['catalogue'],
  log: Logger,
): Loop[] {
  const channels = createChannels(config, pool);
  if (Object.keys(channels).length === 0) return [];
  return [startLoop('tell people', log, IDLE_MS, createTellPeople({ pool, catalogue, ...channels, log }))];
}
