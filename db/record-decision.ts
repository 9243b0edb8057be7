import { type PoolClient } from 'pg';
import { type Decision, type DecisionInput } from '../domain/decision';
import { digestOf } from '../evidence/digest-of';

export interface DecisionRecord {
  readonly actionId: string;
  readonly round: number;
  /** `initial`, or `preflight/<step>`. */
  readonly stage: string;
  readonly decision: Decision;
  readonly input: DecisionInput;
  readonly budgeted: boolean;
}

const INSERT = `
  insert into decisions (tenant, action, round, stage, effect, findings, chains, bundle_digest, input, input_digest, epochs, budgeted)
  select $1::text, $2::text, $3::integer, $4::text, $5::text, $6::jsonb, $7::text[], $8::text, $9::jsonb, $10::text, f.epochs, $11::boolean
  from read_fences($1::text, $12::text, $13::text, $14::text) f`;

/**
 * Stores a decision with everything needed to make it again, and the fences' epochs that it was made under. Resolves to the digest of what was
 * decided on.
 */
export async function recordDecision(client: PoolClient, tenant: string, record: DecisionRecord): Promise<string> {
  const { decision, input } = record;
  const plainInput = JSON.parse(JSON.stringify(input)) as Parameters<typeof digestOf>[1];
  const inputDigest = digestOf('decision', plainInput);
  await client.query(INSERT, [
    tenant,
    record.actionId,
    record.round,
    record.stage,
    decision.effect,
    JSON.stringify(decision.findings),
    decision.chains,
    decision.bundleDigest,
    JSON.stringify(input),
    inputDigest,
    record.budgeted,
    input.agent.id,
    input.agent.team,
    input.action.type,
  ]);
  return inputDigest;
}
