import { type Decision } from './decision';
import { type JsonObject } from './json';

/** A decision that an agent's own process made, as it reports it. A claim: the gateway decides again. */
export type ReportedDecision = {
  /** Counts from 1 in the stream of one process, without gaps. */
  readonly seq: number;
  readonly type: string;
  readonly params: JsonObject;
  /** The time that policy was asked at, by the gateway's clock as the process knew it: RFC 3339 in UTC with milliseconds. */
  readonly at: string;
  readonly effect: Decision['effect'];
  /** Digest of the bundle that the agent's was made from. */
  readonly bundle: string;
  readonly inputDigest: string;
};

/**
 * What deciding again gave. `confirmed`: the same. `diverged`: not the same, but no more than the agent's own bundle lets pass, as when rules read
 * data that agents do not have; or too old to be decided again. `mismatch`: no honest process says this.
 */
export type ReportVerdict = 'confirmed' | 'diverged' | 'mismatch';

/**
 * So long a process decides without having heard from the gateway, at most: three looks, and a restart of the gateway. A stop or a new policy
 * is heard of within it, and whoever decides by what was true before is no honest process.
 */
export const STALE_AFTER_MS = 60_000;

export const REPORT_LIMITS = {
  /** Deciding a hundred times takes some ten milliseconds. */
  decisions: 100,
  /** Some hundred decisions of the usual size. */
  batchBytes: 256 * 1024,
  /** As much as a request to act may have. */
  bytes: 64 * 1024,
  nodes: 10_000,
  /** What a body may have, less what stands around the parameters. */
  depth: 28,
} as const;
