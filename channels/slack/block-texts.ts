import { type MrkdwnElement, type PlainTextElement, type SectionBlock } from '@slack/types';
import { inert } from './escape';

/** Words of strangers stand in plain text alone: it knows no bold, no link and no mention, so there is nothing to inject. */
export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: inert(text === '' ? '(nothing)' : text, max), emoji: false };
}

/** Markup is ours alone: ids, digests, times and mentions. `verbatim`: Slack makes no link of what looks like one. */
export function markup(text: string): MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

export function section(text: PlainTextElement | MrkdwnElement): SectionBlock {
  return { type: 'section', text };
}
