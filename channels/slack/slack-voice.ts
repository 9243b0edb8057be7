import { type KnownBlock, type ModalView } from '@slack/types';
import { type WebClient } from '@slack/web-api';
import { plain, section } from './block-texts';
import { type Answer, callOf } from './call';
import { unmarked } from './fallback';

/** What is said to one person, at once, because of what they pressed. */
export interface SlackVoice {
  /** Shown to nobody else, and gone when they reload. Words of other people may stand in `text`: no markup of theirs acts. */
  whisper(channel: string, user: string, text: string, blocks?: readonly KnownBlock[]): Promise<Answer<void>>;
  /** Within three seconds of the click that `trigger` came with. */
  openForm(trigger: string, view: ModalView): Promise<Answer<void>>;
  /** How an account is called in Slack: for a person to recognise, and for nothing else. */
  nameOf(user: string): Promise<Answer<string>>;
}

/** Slack's own, for one section. The reason of a denial, which is the longest that is said, takes a third of it. */
const MAX_WORDS = 3_000;

export function createSlackVoice(web: WebClient): SlackVoice {
  const call = callOf(web);
  const nothing = (): void => undefined;
  return {
    whisper: async (channel, user, text, blocks = [section(plain(text, MAX_WORDS))]) =>
      await call(
        'chat.postEphemeral',
        { channel, user, text: unmarked(text), blocks, parse: 'none', link_names: false },
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
