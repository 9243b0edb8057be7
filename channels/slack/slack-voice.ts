import { type KnownBlock, type ModalView } from '@slack/types';
import { type WebClient } from '@slack/web-api';
import { type Answer, callOf } from './call';

/** What is said to one person, at once, because of what they pressed. */
export interface SlackVoice {
  /** Shown to nobody else, and gone when they reload. */
  whisper(channel: string, user: string, text: string, blocks?: readonly KnownBlock[]): Promise<Answer<void>>;
  /** Within three seconds of the click that `trigger` came with. */
  openForm(trigger: string, view: ModalView): Promise<Answer<void>>;
  /** How an account is called in Slack: for a person to recognise, and for nothing else. */
  nameOf(user: string): Promise<Answer<string>>;
}

export function createSlackVoice(web: WebClient): SlackVoice {
  const call = callOf(web);
  const nothing = (): void => undefined;
  return {
    whisper: async (channel, user, text, blocks) =>
      await call(
        'chat.postEphemeral',
        { channel, user, text, ...(blocks && { blocks }), parse: 'none', link_names: false },
        nothing,
      ),
    nameOf: async (user) => await call('users.info', { user }, nameIn),
    openForm: async (trigger, view) => await call('views.open', { trigger_id: trigger, view }, nothing),
  };
}

function nameIn(answer: unknown): string {
  const { user } = answer as { readonly user?: { readonly real_name?: unknown; readonly name?: unknown } };
  return [user?.real_name, user?.name].find((name) => typeof name === 'string') ?? '';
}
