import { z } from 'zod';
import { textOf } from './block-rules';
import { type DoubleMessage, type Json, type SlackBook } from './slack-book';
import { buttonsOf } from './slack-person';

/** A card as people in the channel see it now. */
export interface ShownCard {
  readonly message: DoubleMessage;
  readonly request: string;
  readonly action: string;
  readonly headline: string;
  /** All of its words. */
  readonly text: string;
  /** What can be pressed, by what it says. */
  readonly buttons: ReadonlyMap<string, string>;
}

const markSchema = z.object({ request: z.string(), action: z.string(), surface: z.string() });

/** The cards of a workspace, oldest first; not their threads, and not what single people were told. */
export function cardsOf({ messages }: SlackBook): readonly ShownCard[] {
  return messages.flatMap((message) => {
    const shown = message.versions.at(-1);
    const mark = markSchema.safeParse(shown?.metadata?.['event_payload']);
    if (shown === undefined || !mark.success || !mark.data.surface.startsWith('slack/card')) return [];
    const { request, action } = mark.data;
    const header = shown.blocks.find(({ type }) => type === 'header');
    const buttons = new Map(buttonsOf(shown.blocks).map((button) => [wordsOf(button), String(button['action_id'])]));
    return [{ message, request, action, headline: wordsOf(header), text: textOf(shown.blocks), buttons }];
  });
}

function wordsOf(element: Json | undefined): string {
  const text = (element?.['text'] as Json | undefined)?.['text'];
  return typeof text === 'string' ? text : '';
}
