import { randomBytes } from 'node:crypto';
import { type Reach } from '../stack/seed-demo';
import { type MailDouble, startMailDouble } from './doubles/mail/start-mail-double';
import { type SlackDouble, startSlackDouble } from './doubles/slack/start-slack-double';

const TEAM = 'T0EXAMPLE';
/** Where finance is asked. */
export const CHANNEL = 'C0FINANCE';
/** Accounts in Slack. Carol has none, and gets mail. */
export const ACCOUNTS = { alice: 'U0ALICE', bob: 'U0BOB' } as const;
export const MAILBOXES = { carol: 'carol@example.com' } as const;
export const SENDER = 'countersign@example.com';

/** Where people are asked. */
export interface Office {
  readonly slack: SlackDouble;
  readonly mail: MailDouble;
  stop(): Promise<void>;
}

/** The company's Slack, with everybody in it, and its mail server. */
export async function openOffice(): Promise<Office> {
  const secret = (): string => randomBytes(16).toString('hex');
  const slack = await startSlackDouble({
    ...{ botToken: `xoxb-${secret()}`, signingSecret: secret(), team: TEAM },
    ...{ channels: [CHANNEL], users: Object.values(ACCOUNTS) },
  });
  const mail = await startMailDouble();
  return { slack, mail, stop: async () => void (await Promise.all([slack.stop(), mail.stop()])) };
}

/** Where the people of the demo are found. */
export const REACH: readonly Reach[] = [
  ...Object.entries(ACCOUNTS).map(([person, user]) => ({ person, slack: { team: TEAM, user } })),
  ...Object.entries(MAILBOXES).map(([person, mail]) => ({ person, mail })),
];
