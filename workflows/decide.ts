import { ApplicationFailure } from '@temporalio/common';
import { type Decided } from '../activities/decide';
import { type GovernedActionInput } from './contract/messages';
import { deciding, decidingAnywhere } from './proxies';

/** Asks policy in the workflow's own task; where its worker holds an older bundle than the one in force, whichever worker holds that. */
export async function decide(action: GovernedActionInput): Promise<Decided> {
  try {
    return await deciding.decide(action);
  } catch (error) {
    if (isStale(error)) return await decidingAnywhere.decide(action);
    throw error;
  }
}

/** What a local activity fails with comes as it was thrown, in no `ActivityFailure`. */
function isStale(error: unknown): boolean {
  return error instanceof ApplicationFailure && error.type === 'bundle_stale';
}
