import { type Channel } from '../channel';
import { type Clock } from './pace';
import { pacedClient } from './paced-client';
import { type ShowingDeps } from './show-surface';
import { ShowNotice } from './show-notice';
import { type SlackClient } from './slack-client';

export interface SlackChannelDeps {
  readonly client: SlackClient;
  readonly clock: Clock;
  /** Where cards are posted. */
  readonly channel: string;
  readonly team: string;
  readonly tenant: string;
}

/** Cards, their threads and notes to owners, in one channel of one workspace. */
export function createSlackChannel({
  client,
  clock,
  channel,
  team,
  tenant,
}: SlackChannelDeps): Channel & { readonly team: string; readonly tenant: string } {
  const deps: ShowingDeps = { clock, client: pacedClient(client, clock) };
  return {
    name: 'slack',
    team,
    tenant,
    show: async (notice, surfaces, recipients) =>
      await new ShowNotice(deps, channel, notice, surfaces, recipients).show(),
  };
}
