import { type SlackVoice } from '../../channels/slack/slack-voice';
import { type GatewayDeps } from '../deps';

/** The one workspace that may speak to this gateway, and whose people's votes count for one tenant. */
export interface SlackDeps extends Omit<GatewayDeps, 'pages'> {
  readonly slack: {
    readonly tenant: string;
    readonly team: string;
    readonly signingSecrets: readonly string[];
    readonly voice: SlackVoice;
    /** Where people's browsers reach this gateway. */
    readonly publicUrl: string;
  };
}
