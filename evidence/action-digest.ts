import { type ActionType, type Pointer } from '../domain/documents';
import { type Json, type JsonObject } from '../domain/json';
import { readPointer } from '../domain/read-pointer';
import { digestOf } from './digest-of';

/**
 * Everything that an approval binds: who acts, what runs, on which parameters, and what the approval rests on. One member changed is another
 * action. A type and not an interface, so that it is plain JSON to the compiler too.
 */
export type ActionDocument = {
  readonly v: 1;
  readonly tenant: string;
  readonly environment: string;
  readonly agent: { readonly id: string; readonly generation: number; readonly version: string };
  /** Whom the agent acts for. Absent where it acts for nobody, as in every document that was written before there was this member. */
  readonly onBehalfOf?: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly params: JsonObject;
  /** What {@link envelopeOf} found. */
  readonly envelope: JsonObject;
  readonly factsDigest: string;
  /** 32 random bytes as hex: the digest stands in the ledger for ever, and must not let anyone guess the parameters. */
  readonly salt: string;
  /** Grows each time the world changed under the action and it is decided anew. */
  readonly round: number;
};

/** An action in one of its rounds, as it is kept. */
export interface ActionInRound extends Pick<
  ActionDocument,
  'tenant' | 'environment' | 'type' | 'typeVersion' | 'params' | 'salt' | 'round'
> {
  readonly agent: string;
  readonly agentGeneration: number;
  readonly agentVersion: string;
  /** Null where the agent acts for nobody. */
  readonly onBehalfOf: string | null;
  readonly facts: Readonly<Record<string, Json>>;
}

/** The one place where a document is put together: for whoever asks, for the people who are shown it, and just before the effect. */
export function actionDocument(actionType: Pick<ActionType, 'envelope'>, action: ActionInRound): ActionDocument {
  const { tenant, environment, agent, agentGeneration, agentVersion, onBehalfOf } = action;
  const { type, typeVersion, params, facts, salt, round } = action;
  return {
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
  };
}

/** The digest that is decided on, countersigned and executed. */
export function actionDigest(document: ActionDocument): string {
  return digestOf('action', document);
}

export function factsDigest(facts: Readonly<Record<string, Json>>): string {
  return digestOf('facts', facts);
}

/** The values that must still be the same just before the effect, by pointer. What is not there is absent here too: that differs from `null`. */
export function envelopeOf(
  actionType: Pick<ActionType, 'envelope'>,
  known: { readonly params: JsonObject; readonly facts: Readonly<Record<string, Json>> },
): Record<Pointer, Json> {
  const root: Json = { params: known.params, facts: known.facts };
  const envelope: Record<Pointer, Json> = {};
  for (const pointer of actionType.envelope) {
    const value = readPointer(root, pointer);
    if (value !== undefined) envelope[pointer] = value;
  }
  return envelope;
}
