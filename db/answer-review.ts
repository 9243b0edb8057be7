import { type PoolClient } from 'pg';
import { type Asked } from './change-agents';
import { onlyRow } from './only-row';

export interface ReviewAnswer extends Asked {
  readonly choice: 'keep' | 'end';
  /** Of the rights that they saw. */
  readonly digest: string;
}

export type ReviewResult =
  | 'done'
  | 'not_found'
  | 'forbidden'
  | 'self_approval'
  | 'reason_required'
  | 'review_not_open'
  | 'digest_mismatch'
  | 'owner_not_active';

/** The word of somebody who does not stand behind the agent. To end it begins its offboarding. */
export async function answerReview(
  client: PoolClient,
  tenant: string,
  agent: string,
  { actor, choice, digest, reason }: ReviewAnswer,
): Promise<ReviewResult> {
  const { rows } = await client.query<{ result: ReviewResult }>(
    'select answer_review($1::text, $2::text, $3::text, $4::text, $5::text, $6::text) as result',
    [tenant, actor, agent, choice, digest, reason],
  );
  return onlyRow(rows).result;
}
