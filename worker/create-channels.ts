import { setTimeout as sleep } from 'node:timers/promises';
import { createSlackChannel } from '../channels/slack/create-slack-channel';
import { createSlackClient } from '../channels/slack/slack-client';
import { type Config } from '../config/config';
import { type TellingDeps } from '../loops/tell-people';

/** The ways to people that this deployment is set up with. */
export function createChannels({ slack }: Pick<Config, 'slack' | 'mail'>): Pick<TellingDeps, 'slack' | 'email'> {
  const clock = { now: Date.now, sleep: async (ms: number) => await sleep(ms) };
  return {
    ...(slack !== undefined && { slack: createSlackChannel({ ...slack, client: createSlackClient(slack), clock }) }),
  };
}
