import { createWebClient } from '../../channels/slack/call';
import { createSlackVoice } from '../../channels/slack/slack-voice';
import { type Config } from '../../config/config';
import { publicUrlOf } from '../../config/public-url-of';
import { type GatewayDeps } from '../deps';
import { type PageRoute } from '../page-route';
import { slackPages } from './slack-pages';

/** What Slack reaches, and who answers there. A gateway loads this file, and with it Slack's packages, only where Slack is set up. */
export function setUpSlack(
  parts: Omit<GatewayDeps, 'pages'>,
  slack: NonNullable<Config['slack']>,
  config: Config,
): readonly PageRoute[] {
  const { tenant, team, signingSecrets } = slack;
  const voice = createSlackVoice(createWebClient(slack));
  return slackPages({ ...parts, slack: { tenant, team, signingSecrets, voice, publicUrl: publicUrlOf(config) } });
}
