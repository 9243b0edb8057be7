import { type ActionState } from './action';
import { type OpenStage } from './approval';
import { type RenderedCard } from './render-card';

/** Where one request for approval stands, for a channel to show: everything a card, a mail or a page may say, and nothing else. */
export interface Notice {
  readonly tenant: string;
  readonly request: string;
  readonly action: string;
  /** Grows with every change; a surface that shows an older one is stale. */
  readonly version: number;
  readonly state: RequestState;
  readonly actionState: ActionState;
  readonly card: RenderedCard;
  /** The complete parameters, as RFC 8785 writes them. */
  readonly paramsText: string;
  /** What a vote is about: that of everything an approver agrees to. */
  readonly digest: string;
  readonly type: string;
  readonly risk: string;
  readonly effect: string;
  readonly lane: string;
  readonly environment: string;
  readonly agent: string;
  readonly team: string;
  /** Who answers for the agent, and so never decides. */
  readonly owner: string;
  /** For whom the agent says that it acts; that person does not decide either. */
  readonly onBehalfOf: string | null;
  /** The rules that asked for people. */
  readonly asked: readonly { readonly code: string; readonly message: string; readonly chain: string }[];
  /** Why the action ended as it did, in sentences; none while it has not, and none where it was executed. */
  readonly why: readonly string[];
  /** The agent's own words; nobody checked them. */
  readonly because: string | null;
  /** RFC 3339, UTC. */
  readonly openedAt: string;
  readonly deadline: string;
  /** What happens when nobody decides, as a sentence. */
  readonly silence: string;
  /** Milliseconds since the opening, by database time, when this was read. */
  readonly sinceOpenedMs: number;
  readonly stages: readonly NoticeStage[];
  /** What has happened so far, oldest first; only ever grows. */
  readonly events: readonly NoticeEvent[];
}

export type RequestState = 'open' | 'approved' | 'rejected' | 'expired' | 'cancelled' | 'superseded' | 'unanswerable';

export interface NoticeStage extends Pick<OpenStage, 'need' | 'from' | 'reason'> {
  /** Who may vote in it now, and has not; empty in a stage whose turn has not come or is over. */
  readonly waitingFor: readonly string[];
  readonly votes: readonly NoticeVote[];
}

export interface NoticeVote {
  readonly person: string;
  readonly choice: 'approve' | 'deny';
  readonly channel: string;
  readonly at: string;
  readonly reason: string | null;
}

/** `key` names it within the request, for ever; what was told once is not told again. */
export type NoticeEvent = { readonly key: string; readonly at: string } & (
  | ({ readonly kind: 'voted' } & NoticeVote)
  /** The n-th time that those who have not answered are told again, or that others are asked too. */
  | { readonly kind: 'reminded'; readonly reminder: number }
  | { readonly kind: 'closed'; readonly state: Exclude<RequestState, 'open'> }
  | { readonly kind: 'ended'; readonly state: ActionState }
);

/** What every surface says about silence, in the same words. */
export function silenceOf(deadline: string): string {
  return `If this is not decided by ${deadline}, it expires and nothing happens.`;
}
