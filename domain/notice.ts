import { type ActionState } from './action';
import { type RenderedCard } from './render-card';

/** Where one request for approval stands, for a channel to show: everything a card, a mail or a page may say, and nothing else. */
export interface Notice {
  readonly tenant: string;
  readonly request: string;
  readonly action: string;
  /** Grows with every change; a surface that shows an older one is stale. */
  readonly version: number;
  readonly state: 'open' | 'approved' | 'rejected' | 'expired' | 'cancelled' | 'superseded';
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
  /** The rules that asked for people. */
  readonly asked: readonly { readonly code: string; readonly message: string; readonly chain: string }[];
  /** The agent's own words; nobody checked them. */
  readonly because: string | null;
  /** RFC 3339, UTC. */
  readonly openedAt: string;
  readonly deadline: string;
  readonly stages: readonly NoticeStage[];
  /** What has happened so far, oldest first; only ever grows. */
  readonly events: readonly NoticeEvent[];
}

export interface NoticeStage {
  readonly need: number;
  readonly from: readonly string[];
  readonly reason: 'optional' | 'required';
  /** Who may vote in it now, and has not. */
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

export type NoticeEvent =
  | ({ readonly kind: 'voted' } & NoticeVote)
  | { readonly kind: 'reminded' | 'escalated'; readonly at: string; readonly waitingFor: readonly string[] }
  | { readonly kind: 'closed'; readonly at: string; readonly state: Exclude<Notice['state'], 'open'> }
  | { readonly kind: 'ended'; readonly at: string; readonly state: ActionState };
