import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { WAKE_SIGNAL } from '../../workflows/contract/names';
import { type ShapeActivities } from './activities';

const { act } = proxyActivities<ShapeActivities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });

const BEFORE_APPROVAL = ['decide', 'holdBudget', 'openApproval'] as const;
const AFTER_APPROVAL = ['readVerdict', 'beginEffect', 'mint', 'send', 'verify', 'revoke', 'settle'] as const;

/**
 * The round trips of an approved action as one writes it first: each verb of the story a regular activity. What they would do inside changes no
 * count of state transitions, so each is the same call; times are compared with the form that does the work (`bench/naive/`) too.
 */
export async function skeleton(input: GovernedActionInput): Promise<{ state: string }> {
  let woken = false;
  setHandler(defineSignal(WAKE_SIGNAL), () => {
    woken = true;
  });

  for (const step of BEFORE_APPROVAL) await act({ ...input, step });
  await condition(() => woken, '1h');
  for (const step of AFTER_APPROVAL) await act({ ...input, step });
  return { state: 'executed' };
}
