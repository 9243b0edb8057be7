import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { WAKE_SIGNAL } from '../../workflows/contract/names';
import { type ShapeActivities } from './activities';

const { act } = proxyActivities<ShapeActivities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });

const BEFORE_APPROVAL = ['decide', 'holdBudget', 'openApproval'] as const;
const AFTER_APPROVAL = ['readVerdict', 'beginEffect', 'mint', 'send', 'verify', 'revoke', 'settle'] as const;

/**
 * An approved action as one writes it first: each verb of the story a regular activity. What they do inside changes none of the numbers, so each
 * is the same round trip.
 */
export async function naive(input: GovernedActionInput): Promise<{ state: string }> {
  let woken = false;
  setHandler(defineSignal(WAKE_SIGNAL), () => {
    woken = true;
  });

  for (const step of BEFORE_APPROVAL) await act({ ...input, step });
  await condition(() => woken, '1h');
  for (const step of AFTER_APPROVAL) await act({ ...input, step });
  return { state: 'executed' };
}
