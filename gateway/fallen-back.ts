import { type JudgedReport } from '../db/insert-reports';
import { type LockedStream } from '../db/lock-stream';
import { CLOCK_SKEW_MS } from './judge-report';

/**
 * The same reports, with a mismatch where the time of a stream goes back: a process that counts on has not become younger. What comes late, to
 * fill a gap, is old by right.
 */
export function fallenBack(
  judged: readonly JudgedReport[],
  { last, latest }: Pick<LockedStream, 'last' | 'latest'>,
): readonly JudgedReport[] {
  let latestMs = latest ?? -Infinity;
  const false_ = new Set<JudgedReport>();
  for (const each of judged.toSorted((a, b) => a.report.seq - b.report.seq)) {
    if (each.report.seq <= last || each.verdict === 'mismatch') continue;
    const at = Date.parse(each.report.at);
    if (at < latestMs - CLOCK_SKEW_MS) false_.add(each);
    else latestMs = Math.max(latestMs, at);
  }
  return judged.map((each) => (false_.has(each) ? { ...each, verdict: 'mismatch', cause: 'time_went_back' } : each));
}
