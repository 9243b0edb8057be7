import { type MailSettings, type SlackSettings } from './config';
import { type ConfigProblem } from './config-error';
import { type Variables } from './variables';

const SLACK = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_CHANNEL', 'SLACK_TEAM'] as const;
const MAIL = ['SMTP_URL', 'MAIL_FROM'] as const;

/** A channel that is half set up would be one that silently says nothing. */
export function channelProblems(own: Partial<Variables>): ConfigProblem[] {
  return [SLACK, MAIL].flatMap((names: readonly (keyof Variables)[]) => {
    const set = names.filter((name) => own[name] !== undefined);
    if (set.length === 0) return [];
    return names
      .filter((name) => own[name] === undefined && !isForGateways(name, own))
      .map((variable) => ({
        variable,
        wrong: `is missing beside ${set.join(', ')}`,
        remedy: 'Set all of them, or none.',
      }));
  });
}

/** It tells a press from a forged one. A worker writes to Slack and hears nothing from it: whoever takes one over shall not vote in anybody's name. */
function isForGateways(name: keyof Variables, { COUNTERSIGN_WORKER_ROLE: role }: Partial<Variables>): boolean {
  return name === 'SLACK_SIGNING_SECRET' && role === 'workflows';
}

export function slackSettings(own: Variables): SlackSettings | undefined {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: secrets, SLACK_CHANNEL: channel, SLACK_TEAM: team } = own;
  if (botToken === undefined || channel === undefined || team === undefined) return undefined;
  return {
    botToken,
    signingSecrets: secrets?.split(',') ?? [],
    channel,
    team,
    tenant: own.SLACK_TENANT,
    ...(own.SLACK_API_URL !== undefined && { apiUrl: own.SLACK_API_URL }),
  };
}

export function mailSettings({ SMTP_URL: url, MAIL_FROM: from }: Variables): MailSettings | undefined {
  return url === undefined || from === undefined ? undefined : { url, from };
}
