import { type Pool } from 'pg';
import { type Logger } from 'pino';
import { type Loop, startLoop } from '../loops/start-loop';
import { createTellPeople, type TellingDeps } from '../loops/tell-people';
import { type ChannelConfig, createChannels } from './create-channels';

/** How soon somebody hears of a change. */
const IDLE_MS = 300;
/** One that waits for a channel that does not answer keeps the others for seconds; the rest goes on telling meanwhile. */
const LOOPS = 3;

/** The loops that tell people. Without any channel there are none, and nothing is marked as told: whoever sets one up later finds what is still open. */
export function startTelling(
  config: ChannelConfig,
  pool: Pool,
  catalogue: TellingDeps['catalogue'],
  log: Logger,
): Loop[] {
  const channels = createChannels(config, pool);
  if (Object.keys(channels).length === 0) return [];
  const tellPeople = createTellPeople({ pool, catalogue, ...channels, log });
  return Array.from({ length: LOOPS }, () => startLoop('tell people', log, IDLE_MS, tellPeople));
}
