import { type KnownBlock } from '@slack/types';

/** What is sent, besides where. Its JSON is what people saw. */
export interface Message {
  /** For notifications and screen readers; the blocks are what is seen. */
  readonly text: string;
  readonly blocks: KnownBlock[];
}
