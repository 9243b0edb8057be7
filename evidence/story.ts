import { type JsonObject } from '../domain/json';

/**
 * What stands beside the log about an entry. `nothing`: there never was any. `erased`: it was there. `withheld`: an export without bodies, which
 * cannot say.
 */
export type Said<T> =
  { readonly kind: 'said'; readonly value: T } | { readonly kind: 'nothing' | 'erased' | 'withheld' };

/** Whom an action came from and what it was, as its agent's key and the catalogue said; then what the agent said itself, checked by nobody. */
export interface AskedPart {
  readonly at: string;
  readonly agent: string;
  readonly generation: number | null;
  readonly agentVersion: string | null;
  readonly owner: string | null;
  readonly team: string | null;
  readonly environment: string | null;
  /** Whom the agent said it acts for; null where it named nobody. */
  readonly onBehalfOf: string | null;
  readonly type: string;
  readonly typeVersion: number | null;
  readonly lane: string | null;
  readonly risk: string | null;
  readonly digest: string | null;
  readonly because: Said<string>;
  /** Model, prompt digest, sources: whatever the agent gave. */
  readonly context: Said<JsonObject>;
}

export interface VotePart {
  readonly at: string;
  readonly person: string;
  readonly choice: string;
  readonly channel: string | null;
  readonly stage: number | null;
  /** Whether it names the digest that its round was decided on. */
  readonly onThisDigest: boolean;
  readonly reason: Said<string>;
}

export interface StagePart {
  readonly need: number;
  /** How many people were asked. */
  readonly people: number;
  readonly from: Said<readonly string[]>;
  readonly eligible: Said<readonly string[]>;
  /** Who was to be asked besides after a while; `nothing` where nobody was. */
  readonly escalated: Said<readonly string[]>;
}

export interface ApprovalPart {
  readonly request: string;
  readonly openedAt: string;
  readonly deadline: string | null;
  /** Digest, under the action's salt, of the card that approvers were shown. */
  readonly card: string | null;
  readonly stages: readonly StagePart[];
  /** People who might not decide: the agent is theirs or acts for them, or they are one human with one of those. */
  readonly excluded: Said<readonly string[]>;
  readonly remindedAt: readonly string[];
  /** Who left while it was open, so that it was left to the others. */
  readonly rerouted: readonly { readonly at: string; readonly person: string }[];
  /** What people had before them while they could decide, wherever it was: `slack/card`, `email/<person>/…`. */
  readonly shown: readonly {
    readonly at: string;
    readonly surface: string;
    /** Digest of the message as it was sent. */
    readonly digest: string | null;
  }[];
  readonly votes: readonly VotePart[];
  readonly refused: readonly {
    readonly at: string;
    readonly person: string;
    readonly choice: string;
    readonly code: string;
    readonly channel: string | null;
  }[];
  readonly closed: { readonly at: string; readonly state: string } | null;
}

/** One pass through policy and approval. */
export interface RoundPart {
  readonly round: number;
  /** Why there was another pass; `requested` for the first. */
  readonly why: string | null;
  readonly digest: string | null;
  readonly decision: {
    readonly at: string;
    readonly effect: string | null;
    readonly codes: readonly string[];
    readonly chains: readonly string[];
    readonly bundleDigest: string | null;
    readonly inputDigest: Said<string>;
  } | null;
  readonly approval: ApprovalPart | null;
}

/** One attempt of one step in one direction. From `begunAt` on it may have been sent; what came of it was learned later. */
export interface EffectPart {
  readonly step: string;
  readonly kind: string;
  readonly attempt: number;
  readonly target: string | null;
  readonly grant: string | null;
  readonly idempotencyKey: string | null;
  readonly digest: string | null;
  readonly begunAt: string | null;
  /** `reconciled`: not the reply said so, but the target when it was asked by key, or a person. */
  readonly learned: readonly {
    readonly at: string;
    readonly state: string;
    readonly code: string | null;
    readonly reconciled: boolean;
  }[];
}

export interface CredentialPart {
  readonly grant: string;
  readonly target: string | null;
  readonly intendedAt: string | null;
  /** Whatever else the ledger says about it, in order: `grant.overdue`, … */
  readonly between: readonly { readonly at: string; readonly event: string }[];
  readonly ended: { readonly at: string; readonly by: string } | null;
}

export interface TaskPart {
  readonly task: string;
  readonly kind: string | null;
  readonly step: string | null;
  readonly openedAt: string | null;
  /** `person` is null where the target said it after all. */
  readonly resolved: {
    readonly at: string;
    readonly resolution: string | null;
    readonly person: string | null;
    readonly reason: Said<string>;
  } | null;
}

/** How far what is told is proved, and not only written down. */
export interface ProofPart {
  /** What `ledger verify` says of the whole log. */
  readonly verified: boolean;
  /** A signed checkpoint covers the entries before this one. */
  readonly coveredTo: number;
  readonly findings: readonly string[];
}

/** One action, told from the ledger alone. */
export interface Story {
  readonly format: 'countersign-story/1';
  readonly tenant: string;
  readonly action: string;
  readonly asked: AskedPart | null;
  readonly rounds: readonly RoundPart[];
  readonly cancellation: { readonly at: string; readonly by: string | null; readonly reason: Said<string> } | null;
  readonly effects: readonly EffectPart[];
  readonly credentials: readonly CredentialPart[];
  readonly tasks: readonly TaskPart[];
  readonly outcome: { readonly at: string; readonly ending: string; readonly codes: readonly string[] } | null;
  /** Every entry about the action, in the ledger's order; also those that no part above makes use of. */
  readonly timeline: readonly {
    readonly seq: number;
    readonly at: string;
    readonly event: string;
    readonly covered: boolean;
  }[];
  /** What the ledger ought to say and does not. Empty, if the story is complete. */
  readonly unknown: readonly string[];
  readonly proof: ProofPart;
}
