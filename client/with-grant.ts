import { type JsonObject } from '../domain/json';
import { type ActionHandle, type WaitOptions } from './action-handle';
import { type ActionOutcome } from './action-outcome';
import { type Credential } from './credential';

/** What is done under a credential; what it returns is what the agent reports. */
export type GrantedWork = (credential: Credential) => Promise<JsonObject | undefined>;

/**
 * Claims, works, and gives the access back, also where the work throws: that is then reported as a failure, and thrown on. Access that cannot be
 * given back, because nobody answers, ends at its time.
 */
export async function withGrant(handle: ActionHandle, work: GrantedWork, options: WaitOptions): Promise<ActionOutcome> {
  const claimed = await handle.claim(options);
  if (claimed.kind === 'not_claimed') return claimed.outcome;
  let result: JsonObject | undefined;
  try {
    result = await work(claimed.credential);
  } catch (error) {
    const untold = await handle.complete({ failed: true }, { waitMs: 0 }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    throw untold === undefined ? error : new AggregateError([error, untold], 'The work failed, and nobody was told.');
  }
  return await handle.complete({ result });
}
