import { type ActionRecord } from '../db/load-action';
import { type ActionType } from '../domain/documents';
import { type Json } from '../domain/json';
import { actionDigest, envelopeOf, factsDigest } from '../evidence/action-digest';

/** The digest of a round, from what would be sent now. It is the approved one only if nothing of it has changed. */
export function digestOfRound(
  action: ActionRecord,
  actionType: ActionType,
  round: number,
  facts: Readonly<Record<string, Json>>,
): string {
  const { tenant, environment, agent, agentGeneration, agentVersion, type, typeVersion, params, salt, onBehalfOf } =
    action;
  return actionDigest({
    v: 1,
    tenant,
    environment,
    agent: { id: agent, generation: agentGeneration, version: agentVersion },
    ...(onBehalfOf !== null && { onBehalfOf }),
    type,
    typeVersion,
    params,
    envelope: envelopeOf(actionType, { params, facts }),
    factsDigest: factsDigest(facts),
    salt,
    round,
  });
}
