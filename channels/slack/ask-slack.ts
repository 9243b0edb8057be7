import { callOf, createWebClient } from './call';

interface Workspace {
  readonly botToken: string;
  readonly apiUrl?: string;
  readonly team: string;
  readonly channel: string;
}

/** Whether the token is one of this workspace and its bot reads the channel, as it must to find its own cards. A code of what is wrong, or nothing. */
export async function askSlack({ team, channel, ...access }: Workspace): Promise<string | undefined> {
  const call = callOf(createWebClient(access));
  const login = await call('auth.test', {}, (answer) => (answer as { readonly team_id?: unknown }).team_id);
  if (!login.ok) return login.fault.code;
  if (login.value !== team) return 'slack.another_team';
  const reading = await call('conversations.history', { channel, limit: 1 }, () => undefined);
  return reading.ok ? undefined : reading.fault.code;
}
