import { type KnownBlock, type ModalView } from '@slack/types';
import { type WebClient } from '@slack/web-api';
import { type Answer, callOf } from './call';

/** What is said to one person, at once, because of what they pressed. */
export interface SlackVoice {
  /** Shown to nobody else, and gone when they reload. */
  whisper(channel: string, user: string, text: string, blocks?: readonly KnownBlock[]): Promise<Answer<void>>;
  /** Within three seconds of the click that `trigger` came with. */
  openForm(trigger: string, view: ModalView): Promise<Answer<void>>;
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
    openForm: async (trigger, view) => await call('views.open', { trigger_id: trigger, view }, nothing),
  };
}
