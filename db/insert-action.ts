import { type PoolClient } from 'pg';
import { type JsonObject } from '../domain/json';

export interface NewAction {
  readonly action: string;
  readonly agent: {
    readonly id: string;
    readonly generation: number;
    readonly version: string;
    readonly team: string;
    readonly environment: string;
  };
  readonly type: {
    readonly id: string;
    readonly version: number;
    readonly risk: string;
    readonly effect: string;
    readonly lane: string;
  };
  readonly idempotencyKey: string;
  readonly requestDigest: string;
  readonly params: JsonObject;
  readonly because: string | undefined;
  readonly context: JsonObject | undefined;
  readonly onBehalfOf?: string | undefined;
  readonly salt: string;
  readonly requestId: string;
}

/** Records an action as received. Call `lockIntake` first and look its idempotency key up: one that is taken is an error here. */
export async function insertAction(
  client: PoolClient,
  tenant: string,
  { action, agent, type, ...request }: NewAction,
): Promise<void> {
  await client.query(
    `insert into actions (tenant, action, agent, agent_generation, agent_version, agent_owner, agent_creator, team, environment,
       type, type_version, risk, effect_class, lane, idempotency_key, request_digest, params, because, context, salt, on_behalf_of, request_id)
     select $1::text, $2::text, $3::text, $4::integer, $5::text, owner, creator, $6::text, $7::text,
       $8::text, $9::integer, $10::text, $11::text, $12::text, $13::text, $14::text, $15::jsonb, $16::text, $17::jsonb, $18::text, $19::text, $20::text
     from agents where tenant = $1::text and agent = $3::text`,
    [
      ...[tenant, action, agent.id, agent.generation, agent.version, agent.team, agent.environment],
      ...[type.id, type.version, type.risk, type.effect, type.lane],
      ...[request.idempotencyKey, request.requestDigest, JSON.stringify(request.params), request.because ?? null],
      ...[request.context === undefined ? null : JSON.stringify(request.context), request.salt],
      ...[request.onBehalfOf ?? null, request.requestId],
    ],
  );
}
