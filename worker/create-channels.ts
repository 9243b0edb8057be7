import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Pool } from 'pg';
import { createEmailChannel } from '../channels/email/create-email-channel';
import { createMailSender } from '../channels/email/create-mail-sender';
import { createSlackChannel } from '../channels/slack/create-slack-channel';
import { createSlackClient } from '../channels/slack/slack-client';
import { type Config } from '../config/config';
import { publicUrlOf } from '../config/public-url-of';
import { mailLinksOf } from '../db/mail-links';
import { type TellingDeps } from '../loops/tell-people';

export type ChannelConfig = Pick<Config, 'slack' | 'mail' | 'publicUrl' | 'port'>;

/** The ways to people that this deployment is set up with. `pool`: that of the loops. */
export function createChannels(config: ChannelConfig, pool: Pool): Pick<TellingDeps, 'slack' | 'email'> {
  const { slack, mail } = config;
  const clock = { now: Date.now, sleep: async (ms: number) => await sleep(ms) };
  return {
    ...(slack !== undefined && { slack: createSlackChannel({ ...slack, client: createSlackClient(slack), clock }) }),
    ...(mail !== undefined && {
      email: createEmailChannel({
        send: createMailSender(mail),
        links: mailLinksOf(pool),
        publicUrl: publicUrlOf(config),
        from: mail.from,
        monotonicMs: () => performance.now(),
      }),
    }),
  };
}
