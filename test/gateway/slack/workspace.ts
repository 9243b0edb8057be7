import { type DoubleMessage } from '../../../demo/doubles/slack/slack-book';
import { SlackPerson } from '../../../demo/doubles/slack/slack-person';
import { type SlackDouble, startSlackDouble } from '../../../demo/doubles/slack/start-slack-double';
import { createWebClient } from '../../../channels/slack/call';
import { ACTIONS, buttonValue } from '../../../channels/slack/ids';
import { createSlackVoice } from '../../../channels/slack/slack-voice';
import { slackPages } from '../../../gateway/slack/slack-pages';
import { type Harness, startHarness } from '../harness';

export const SECRETS = ['secret-of-the-workspace', 'secret-that-comes-next'] as const;

/** A gateway that Slack speaks to. Bob, Cleo, Dan and Olga have accounts; `stranger` has one that nobody knows. */
export interface SlackHarness extends Harness {
  readonly slack: SlackDouble;
  readonly people: Readonly<Record<'bob' | 'cleo' | 'dan' | 'olga' | 'stranger', SlackPerson>>;
  /** An action that waits, and a message with its buttons. */
  ask(
    options?: Parameters<Harness['openApproval']>[1],
  ): Promise<{ action: string; request: string; card: DoubleMessage }>;
  /** The same for an action that was asked for already. */
  cardFor(
    action: string,
    options?: Parameters<Harness['openApproval']>[1],
  ): Promise<{ request: string; card: DoubleMessage }>;
  votes(request: string): Promise<object[]>;
}

const USERS = { bob: 'U0BOB', cleo: 'U0CLEO', dan: 'U0DAN', olga: 'U0OLGA', stranger: 'U0NEW' } as const;

export async function startSlackHarness(): Promise<SlackHarness> {
  const slack = await startSlackDouble({
    botToken: 'xoxb-double',
    signingSecret: SECRETS[0],
    channels: ['C0DESK'],
    users: Object.values(USERS),
    perSecond: 1_000,
  });
  const harness = await startHarness((deps) =>
    slackPages({
      ...deps,
      slack: {
        tenant: 'acme',
        team: slack.workspace.team,
        signingSecrets: SECRETS,
        voice: createSlackVoice(createWebClient({ botToken: 'xoxb-double', apiUrl: slack.url })),
        publicUrl: 'https://countersign.example',
      },
    }),
  );
  for (const [person, user] of Object.entries(USERS).filter(([person]) => person !== 'stranger')) {
    await harness.superuser.query(
      `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ('acme', $1, $2, $3, $3)`,
      [slack.workspace.team, user, person],
    );
  }
  const person = (user: string): SlackPerson => new SlackPerson(user, slack, `${harness.url}/slack/interactions`);
  const cardFor: SlackHarness['cardFor'] = async (action, options) => {
    const { id: request, digest } = await harness.openApproval(action, options);
    return { request, card: postCard(slack, request, digest) };
  };
  return {
    ...harness,
    slack,
    people: {
      bob: person(USERS.bob),
      cleo: person(USERS.cleo),
      dan: person(USERS.dan),
      olga: person(USERS.olga),
      stranger: person(USERS.stranger),
    },
    cardFor,
    ask: async (options) => {
      const { body } = await harness.act();
      return { action: body.id, ...(await cardFor(body.id, options)) };
    },
    votes: async (request) =>
      (
        await harness.superuser.query(
          'select person, choice, channel, reason from votes where request = $1 order by cast_at',
          [request],
        )
      ).rows,
    stop: async () => {
      await harness.stop();
      await slack.stop();
    },
  };
}

/** The buttons of a card, as the sender puts them on. */
function postCard(slack: SlackDouble, request: string, digest: string): DoubleMessage {
  const elements = Object.values(ACTIONS).map((action_id) => ({
    type: 'button',
    text: { type: 'plain_text', text: action_id },
    action_id,
    value: buttonValue(request, digest),
  }));
  return slack.book.post('C0DESK', undefined, {
    text: 'card',
    blocks: [{ type: 'actions', elements }],
    metadata: undefined,
  });
}
