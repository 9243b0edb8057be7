import { randomUUID } from 'node:crypto';

export type Json = Readonly<Record<string, unknown>>;

/** A message with everything that it ever showed, oldest first. */
export interface DoubleMessage {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly versions: { readonly text: string; readonly blocks: readonly Json[]; readonly metadata: Json | undefined }[];
}

export interface DoubleEphemeral {
  readonly channel: string | undefined;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Json[];
}

export interface DoubleView {
  readonly id: string;
  readonly user: string;
  view: Json;
  open: boolean;
}

/** A trigger opens one form, within three seconds. */
const TRIGGER_MS = 3_000;
const RESPONSE_URL_MS = 30 * 60_000;
const RESPONSE_URL_USES = 5;

/** Everything that the workspace remembers, as people would see it. */
export class SlackBook {
  readonly messages: DoubleMessage[] = [];
  readonly ephemerals: DoubleEphemeral[] = [];
  readonly views: DoubleView[] = [];
  readonly #triggers = new Map<string, { readonly user: string; readonly until: number; used: boolean }>();
  readonly #responses = new Map<string, { readonly user: string; readonly until: number; uses: number }>();
  #sequence = 0;

  /** Slack's: seconds, and a sequence number that makes it unique in its channel. */
  #newTs(): string {
    return `${String(Math.floor(Date.now() / 1_000))}.${String(++this.#sequence).padStart(6, '0')}`;
  }

  post(channel: string, threadTs: string | undefined, shown: DoubleMessage['versions'][number]): DoubleMessage {
    const message = { channel, ts: this.#newTs(), threadTs, versions: [shown] };
    this.messages.push(message);
    return message;
  }

  find(channel: string, ts: string): DoubleMessage | undefined {
    return this.messages.find((message) => message.channel === channel && message.ts === ts);
  }

  newTrigger(user: string): string {
    const id = `${randomUUID()}.trigger`;
    this.#triggers.set(id, { user, until: Date.now() + TRIGGER_MS, used: false });
    return id;
  }

  /** Whose form it may open, or why none. */
  useTrigger(id: unknown): { readonly user: string } | { readonly error: string } {
    const trigger = this.#triggers.get(String(id));
    if (trigger === undefined) return { error: 'invalid_trigger_id' };
    if (trigger.used) return { error: 'exchanged_trigger_id' };
    if (Date.now() > trigger.until) return { error: 'expired_trigger_id' };
    trigger.used = true;
    return { user: trigger.user };
  }

  newResponse(user: string): string {
    const id = randomUUID();
    this.#responses.set(id, { user, until: Date.now() + RESPONSE_URL_MS, uses: 0 });
    return id;
  }

  useResponse(id: string): { readonly user: string } | { readonly error: string } {
    const response = this.#responses.get(id);
    if (response === undefined || Date.now() > response.until) return { error: 'expired_url' };
    if (++response.uses > RESPONSE_URL_USES) return { error: 'used_url' };
    return { user: response.user };
  }

  openView(user: string, view: Json): DoubleView {
    const opened = { id: `V${randomUUID().slice(0, 8).toUpperCase()}`, user, view, open: true };
    this.views.push(opened);
    return opened;
  }
}
