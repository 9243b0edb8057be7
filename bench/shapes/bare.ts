import { proxyActivities } from '@temporalio/workflow';
import { type GovernedActionInput } from '../../workflows/contract/messages';
import { type ShapeActivities } from './activities';

const { act } = proxyActivities<ShapeActivities>({ startToCloseTimeout: '10s', retry: { maximumAttempts: 1 } });

/** The least that is durable: one workflow that has one effect, with nothing decided, recorded, verified or revoked. */
export async function bare(input: GovernedActionInput): Promise<{ state: string }> {
  await act({ ...input, step: 'send' });
  return { state: 'executed' };
}
