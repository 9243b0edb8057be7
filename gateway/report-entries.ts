import { type JudgedReport } from '../db/insert-reports';
import { type LedgerEntry } from '../db/ledger';
import { type Stream } from '../db/lock-stream';

/** Numbers that a stream lacks, both ends included. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** What is missing between the last number that is known and those that came, in ascending order. */
export function gapsIn(last: number, seqs: readonly number[]): readonly Gap[] {
  const gaps: Gap[] = [];
  let before = last;
  for (const seq of seqs) {
    if (seq > before + 1) gaps.push({ from: before + 1, to: seq - 1 });
    before = Math.max(before, seq);
  }
  return gaps;
}

export function reportEntry({ agent, generation, stream }: Stream, judged: JudgedReport): LedgerEntry {
  const { report, digest, verdict, cause } = judged;
  const { seq, type, at, effect, bundle, inputDigest } = report;
  return {
    // With the beginning of its digest: a report that contradicts another is an entry, too.
    key: `decision/${agent}/${generation}/${stream}/${seq}/${digest.slice('sha256:'.length, 'sha256:'.length + 16)}`,
    event: 'decision.reported',
    entry: {
      agent,
      generation,
      lane: 'cooperative',
      stream,
      seq,
      type,
      at,
      effect,
      bundleDigest: bundle,
      verdict,
      cause,
    },
    // A digest of what is guessable, and so kept under a salt.
    body: { inputDigest },
  };
}

export function gapEntry({ agent, generation, stream }: Stream, { from, to }: Gap): LedgerEntry {
  return {
    key: `decisions-gap/${agent}/${generation}/${stream}/${from}`,
    event: 'decisions.gap',
    entry: { agent, generation, lane: 'cooperative', stream, from, to },
  };
}
