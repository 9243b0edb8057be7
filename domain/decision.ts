import { type Json, type JsonObject } from './json';

/** What policy said about one rule: an element of the set that the packs yield. */
export interface Finding {
  readonly code: string;
  readonly effect: 'allow' | 'deny' | 'approval';
  /** For a deny: what was found, and what would make it allowed, in words for an agent and a human. */
  readonly message?: string;
  readonly remedy?: string;
  /** For an approval: the chain that must countersign. */
  readonly chain?: string;
}

/** Everything policy may look at. Built by us alone; `context` and `because` are the agent's untrusted words. */
export interface DecisionInput {
  readonly tenant: string;
  readonly environment: string;
  /** Database time, RFC 3339 in UTC. Policy has no other clock. */
  readonly time: string;
  readonly agent: {
    readonly id: string;
    readonly generation: number;
    readonly version: string;
    readonly owner: string;
    readonly team: string;
    readonly roles: readonly string[];
    readonly state: string;
  };
  readonly action: {
    readonly type: string;
    readonly version: number;
    readonly risk: string;
    readonly effect: string;
    readonly lane: string;
    readonly params: JsonObject;
  };
  readonly facts: Readonly<Record<string, Json>>;
  readonly claimed: {
    readonly because?: string;
    readonly context?: JsonObject;
    /** A person of the tenant; that the agent really acts for them nobody checked. */
    readonly onBehalfOf?: string;
  };
}

/** A policy gives a decision: the fold of all findings, under one bundle. */
export interface Decision {
  readonly effect: 'allow' | 'deny' | 'require_approval';
  readonly findings: readonly Finding[];
  /** Chains that must countersign, sorted; empty unless `require_approval`. */
  readonly chains: readonly string[];
  readonly bundleDigest: string;
}

/** Prefix of codes that only the decision point itself may emit: a failed evaluation is a deny. */
export const RESERVED_FINDING_PREFIX = 'policy_error:';
