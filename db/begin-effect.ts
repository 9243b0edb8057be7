import { type PoolClient } from 'pg';
import { onlyRow } from './only-row';

/** What must still hold when the effect begins: compared with what is stored, in one short transaction. */
export interface EffectClaim {
  readonly actionId: string;
  readonly step: string;
  readonly target: string;
  readonly round: number;
  readonly digest: string;
  readonly factsDigest: string;
  readonly bundleDigest: string;
  readonly sendWithinMs: number;
  readonly grantTtlMs: number;
}

/** An attempt that may be sent, once, under this key and this credential. */
export interface Opened {
  readonly attempt: number;
  readonly grantId: string;
  readonly idempotencyKey: string;
}

export type Beginning<Refused = RefusedBeginning> = { readonly begun: Opened } | { readonly refused: Refused };

export type RefusedBeginning =
  | 'not_found'
  | 'not_decided'
  | 'not_approved'
  | 'action_closed'
  | 'cancelled'
  | 'digest_mismatch'
  | 'scope_fenced'
  | 'fence_moved'
  | 'agent_not_active'
  | 'agent_paused'
  | 'agent_restricted'
  | 'bundle_stale'
  | 'denied_late'
  | 'votes_void'
  | 'approval_lapsed'
  | 'budget_lost'
  | 'begun_before';

export type RefusedUndo = 'nothing_to_undo' | 'action_closed' | 'mended_by_person' | 'begun_before';

export async function beginEffect(client: PoolClient, tenant: string, claim: EffectClaim): Promise<Beginning> {
  const { rows } = await client.query<{ beginning: Beginning }>(
    `select begin_effect($1::text, $2::text, $3::text, $4::text, $5::integer, $6::text, $7::text, $8::text, $9::integer, $10::bigint) as beginning`,
    [
      tenant,
      claim.actionId,
      claim.step,
      claim.target,
      claim.round,
      claim.digest,
      claim.factsDigest,
      claim.bundleDigest,
      claim.sendWithinMs,
      claim.grantTtlMs,
    ],
  );
  return onlyRow(rows).beginning;
}

export async function beginUndo(
  client: PoolClient,
  tenant: string,
  claim: Pick<EffectClaim, 'actionId' | 'step' | 'target' | 'sendWithinMs' | 'grantTtlMs'>,
): Promise<Beginning<RefusedUndo>> {
  const { rows } = await client.query<{ beginning: Beginning<RefusedUndo> }>(
    'select begin_undo($1::text, $2::text, $3::text, $4::text, $5::integer, $6::bigint) as beginning',
    [tenant, claim.actionId, claim.step, claim.target, claim.sendWithinMs, claim.grantTtlMs],
  );
  return onlyRow(rows).beginning;
}
