import { type OpenStage, type Vote } from './approval';
import { type Finding } from './decision';
import { type Json, type JsonObject } from './json';
import { type Notice, type NoticeVote } from './notice';

/** What is stored about a request, as `db/load-notice.ts` reads it. */
export interface NoticeRecord extends Omit<
  Notice,
  'card' | 'paramsText' | 'asked' | 'silence' | 'stages' | 'events' | 'openedAt' | 'deadline'
> {
  readonly typeVersion: number;
  readonly params: JsonObject;
  readonly facts: Readonly<Record<string, Json>>;
  /** Facts of the round before; null in the first. */
  readonly factsBefore: Readonly<Record<string, Json>> | null;
  readonly findings: readonly Finding[] | null;
  readonly openStages: readonly OpenStage[];
  /** Who answers for the agent by now: nobody waits for them any more. */
  readonly conflicted: readonly string[];
  readonly openedAt: Date;
  readonly deadline: Date;
  readonly closedAt: Date | null;
  readonly settledAt: Date | null;
  readonly reminders: number;
  readonly votes: readonly (NoticeVote & Pick<Vote, 'accounts' | 'stage'> & { readonly counts: boolean })[];
}
