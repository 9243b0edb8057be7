import { randomBytes } from 'node:crypto';
import { type Reach } from '../stack/seed-demo';
import { type SlackDouble, startSlackDouble } from './doubles/slack/start-slack-double';

const TEAM = 'T0EXAMPLE';
/** Where finance is asked. */
export const CHANNEL = 'C0FINANCE';
/** Accounts in Slack. */
export const ACCOUNTS = { alice: 'U0ALICE', bob: 'U0BOB', carol: 'U0CAROL' } as const;

/** The company's Slack, with everybody in it. */
export function openOffice(): Promise<SlackDouble> {
  const secret = (): string => randomBytes(16).toString('hex');
  return startSlackDouble({
    ...{ botToken: `xoxb-${secret()}`, signingSecret: secret(), team: TEAM },
    ...{ channels: [CHANNEL], users: Object.values(ACCOUNTS) },
  });
}

/** Where the people of the demo are found. */
export const REACH: readonly Reach[] = Object.entries(ACCOUNTS).map(([person, user]) => ({
  person,
  slack: { team: TEAM, user },
}));
