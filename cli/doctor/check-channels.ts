import { askMailServer } from '../../channels/email/ask-mail-server';
import { askSlack } from '../../channels/slack/ask-slack';
import { type Config } from '../../config/config';
import { type Check, off, ok, problem } from './finding';

const SLACK = 'Mend the token, SLACK_TEAM or SLACK_CHANNEL, or invite the app into the channel: docs/slack.md.';
const MAIL = 'Mend SMTP_URL, or bring the mail server back: docs/email.md.';

export function channelChecks({ slack, mail }: Config): Check[] {
  return [
    {
      name: 'Slack',
      remedy: SLACK,
      look: async () => {
        if (slack === undefined) return [off('is not set up')];
        const wrong = await askSlack(slack);
        return [wrong === undefined ? ok(`the app is in the channel ${slack.channel}`) : problem(wrong, SLACK)];
      },
    },
    {
      name: 'mail',
      remedy: MAIL,
      look: async () => {
        if (mail === undefined) return [off('is not set up')];
        const wrong = await askMailServer(mail);
        return [wrong === undefined ? ok('the server takes our login') : problem(wrong, MAIL)];
      },
    },
  ];
}
