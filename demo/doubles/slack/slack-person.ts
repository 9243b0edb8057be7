import { createHmac } from 'node:crypto';
import { type DoubleMessage, type DoubleView, type Json } from './slack-book';
import { type SlackDouble } from './start-slack-double';

/** What came of one delivery to the app. */
export interface Delivered {
  readonly status: number;
  readonly body: string;
  /** Slack shows a person a warning when the answer was not 2xx, or took more than three seconds. */
  readonly warned: boolean;
}

/** How a delivery may differ from an honest one. */
export interface Forgery {
  readonly secret?: string;
  /** Seconds from now. */
  readonly skewS?: number;
  readonly team?: string;
  readonly body?: string;
  /** Replaces or, as undefined, leaves out headers. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Members over those of the payload. */
  readonly payload?: Json;
}

const ANSWER_MS = 3_000;

/** Somebody in the workspace, who presses buttons and fills in forms; Slack tells the app, signed. */
export class SlackPerson {
  constructor(
    readonly user: string,
    private readonly slack: SlackDouble,
    /** Where the app takes interactions. */
    private readonly appUrl: string,
  ) {}

  /** Presses the button of that action. `version`: of the message as it looked then; else as it looks now. */
  async press(
    message: DoubleMessage,
    actionId: string,
    forgery: Forgery & { version?: number } = {},
  ): Promise<Delivered> {
    const shown = message.versions.at(forgery.version ?? -1);
    const button = buttonsOf(shown?.blocks ?? []).find((each) => each['action_id'] === actionId);
    if (button === undefined) throw new Error(`The message shows no button ${actionId}.`);
    return await this.deliver(
      {
        type: 'block_actions',
        trigger_id: this.slack.book.newTrigger(this.user),
        response_url: this.slack.url.replace('/api/', `/response/${this.slack.book.newResponse(this.user)}`),
        container: { type: 'message', message_ts: message.ts, channel_id: message.channel },
        channel: { id: message.channel },
        message: { ts: message.ts, text: shown?.text, blocks: shown?.blocks },
        actions: [{ ...button, action_ts: String(Date.now() / 1_000) }],
      },
      forgery,
    );
  }

  /** Fills in the inputs of a form, by their block ids, and submits it. */
  async submit(opened: DoubleView, words: Readonly<Record<string, string>>, forgery: Forgery = {}): Promise<Delivered> {
    const inputs = (opened.view['blocks'] as readonly Json[]).filter((block) => block['type'] === 'input');
    const values = Object.fromEntries(
      inputs.map((block) => {
        const element = block['element'] as Json;
        const value = words[String(block['block_id'])] ?? null;
        return [String(block['block_id']), { [String(element['action_id'])]: { type: element['type'], value } }];
      }),
    );
    const delivered = await this.deliver(
      { type: 'view_submission', view: { id: opened.id, ...opened.view, state: { values } } },
      forgery,
    );
    if (delivered.status === 200 && !delivered.body.includes('errors')) opened.open = false;
    return delivered;
  }

  /** The form that stands open before this person. */
  form(): DoubleView {
    const opened = this.slack.book.views.findLast(({ user, open }) => open && user === this.user);
    if (opened === undefined) throw new Error(`No form stands open before ${this.user}.`);
    return opened;
  }

  /** What only this person was told, oldest first. */
  told(): readonly string[] {
    return this.slack.book.ephemerals.filter(({ user }) => user === this.user).map(({ text }) => text);
  }

  /** Sends one interaction, signed as Slack does. */
  async deliver(payload: Json, forgery: Forgery = {}): Promise<Delivered> {
    const team = { id: forgery.team ?? this.slack.workspace.team, domain: 'double' };
    const whole = {
      team,
      user: { id: this.user, team_id: team.id, username: this.user },
      api_app_id: 'A0DOUBLE',
      token: 'deprecated',
      ...payload,
      ...forgery.payload,
    };
    const body = forgery.body ?? new URLSearchParams({ payload: JSON.stringify(whole) }).toString();
    return await this.send(body, forgery);
  }

  async send(
    body: string,
    { secret = this.slack.signingSecret, skewS = 0, headers = {} }: Forgery = {},
  ): Promise<Delivered> {
    const timestamp = String(Math.floor(Date.now() / 1_000) + skewS);
    const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const all: Record<string, string | undefined> = {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
      ...headers,
    };
    const started = performance.now();
    const response = await fetch(this.appUrl, {
      method: 'POST',
      headers: Object.fromEntries(
        Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
      ),
      body,
    });
    const text = await response.text();
    return { status: response.status, body: text, warned: !response.ok || performance.now() - started > ANSWER_MS };
  }
}

/** Every button that blocks show, in their order. */
export function buttonsOf(blocks: readonly Json[]): Json[] {
  return blocks.flatMap((block) => {
    const elements = Array.isArray(block['elements']) ? (block['elements'] as Json[]) : [];
    return [...elements, ...(block['accessory'] === undefined ? [] : [block['accessory'] as Json])].filter(
      (element) => element['type'] === 'button',
    );
  });
}
