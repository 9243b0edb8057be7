import { setTimeout as sleep } from 'node:timers/promises';
import { createMailNote } from '../channels/email/create-mail-note';
import { createMailSender } from '../channels/email/create-mail-sender';
import { createSlackNote } from '../channels/slack/create-slack-note';
import { createSlackClient } from '../channels/slack/slack-client';
import { type NoteChannels } from '../loops/tell-owners';
import { type ChannelConfig } from './create-channels';

/** The ways to tell one person something, of those that this deployment is set up with. */
export function createNoteChannels({ slack, mail }: Pick<ChannelConfig, 'slack' | 'mail'>): NoteChannels {
  const clock = { now: Date.now, sleep: async (ms: number) => await sleep(ms) };
  return {
    ...(slack !== undefined && {
      slack: {
        tell: createSlackNote({ client: createSlackClient(slack), clock }),
        team: slack.team,
        tenant: slack.tenant,
      },
    }),
    ...(mail !== undefined && { email: { tell: createMailNote({ send: createMailSender(mail), from: mail.from }) } }),
  };
}
