import { type Pool } from 'pg';
import { type Decision, type DecisionInput } from '../domain/decision';

/** A decision with everything needed to make it again. */
export interface DecisionInFull extends Decision {
  readonly round: number;
  /** `initial`, or `preflight/<step>`. */
  readonly stage: string;
  readonly input: DecisionInput;
  readonly inputDigest: string;
  readonly decidedAt: Date;
}

/** Every decision on an action, oldest first. Inputs hold parameters: for auditors. */
export async function listDecisionsInFull(
  auditor: Pick<Pool, 'query'>,
  tenant: string,
  action: string,
): Promise<DecisionInFull[]> {
  const { rows } = await auditor.query<DecisionInFull>(
    `select round, stage, effect, findings, chains, bundle_digest as "bundleDigest", input, input_digest as "inputDigest", decided_at as "decidedAt"
     from decisions where tenant = $1::text and action = $2::text order by decided_at, stage`,
    [tenant, action],
  );
  return rows;
}
