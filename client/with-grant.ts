import { type JsonObject } from '../domain/json';
import { type ActionHandle, type CompletionReport, type WaitOptions } from './action-handle';
import { type ActionOutcome } from './action-outcome';
import { CountersignError } from './countersign-error';
import { type Credential } from './credential';

/** What is done under a credential; what it returns is what the agent reports. */
export type GrantedWork = (credential: Credential) => Promise<JsonObject | undefined>;

/**
 * Claims, works, and gives the access back, also where the work throws: that is then reported as a failure, and thrown on. So it is where what the work
 * returns is no report, or is too large for one; the work is done then. Access that cannot be given back, because nobody answers, ends at its time.
 */
export async function withGrant(handle: ActionHandle, work: GrantedWork, options: WaitOptions): Promise<ActionOutcome> {
  const claimed = await handle.claim(options);
  if (claimed.kind === 'not_claimed') return claimed.outcome;
  let result: JsonObject | undefined;
  try {
    result = await work(claimed.credential);
  } catch (error) {
    return await giveBack(handle, { failed: true }, error, 'The work failed, and nobody was told.');
  }
  try {
    return await handle.complete({ result });
  } catch (error) {
    if (error instanceof CountersignError && !NO_REPORT.includes(error.status)) throw error;
    return await giveBack(handle, {}, error, 'The report of the work was not taken, and the access not given back.');
  }
}

/** What the gateway answers to a report that it does not take, whoever sends it again. */
const NO_REPORT: readonly number[] = [400, 413];

/** @throws why, and what kept us from giving the access back, if anything did */
async function giveBack(handle: ActionHandle, report: CompletionReport, why: unknown, untold: string): Promise<never> {
  try {
    await handle.complete(report, { waitMs: 0 });
  } catch (reason) {
    throw new AggregateError([why, reason], untold);
  }
  throw why;
}
