import { type ActionType, type FactSource } from '../domain/documents';
import { type Json, type JsonObject } from '../domain/json';
import { readPointer } from '../domain/read-pointer';
import { type GatewayDeps } from './deps';
import { RequestRefused } from './request-refused';

/**
 * Reads what the action type asks of systems of record. What they do not know is `null`: whether that is fatal is decided with everything else.
 * What does not answer ends the request, for nobody could decide without it.
 */
export async function readFacts(
  deps: GatewayDeps,
  tenant: string,
  actionType: ActionType,
  params: JsonObject,
): Promise<Record<string, Json>> {
  const facts = await Promise.all(
    Object.entries(actionType.facts).map(
      async ([name, source]) => [name, await readFact(deps, tenant, name, source, params)] as const,
    ),
  );
  return Object.fromEntries(facts);
}

async function readFact(
  deps: GatewayDeps,
  tenant: string,
  name: string,
  source: FactSource,
  params: JsonObject,
): Promise<Json> {
  const target = deps.pdp.catalogue.targets[source.source];
  if (target === undefined)
    throw new Error(`fact ${name} comes from target ${source.source}, which the bundle does not have`);
  const args: Record<string, Json> = {};
  for (const [argument, pointer] of Object.entries(source.args)) {
    const value = readPointer({ params }, pointer);
    // An optional parameter that is absent names no subject, so there is nothing to be known about it.
    if (value === undefined) return null;
    args[argument] = value;
  }
  const result = await deps.facts.read({ tenant, target, operation: source.query, args });
  if (result.kind === 'missing') return null;
  if (result.kind === 'found') return result.fact;
  deps.log.warn({ fact: name, target: target.id, code: result.code }, 'a fact was not answered');
  throw new RequestRefused('fact_unanswered', { detail: `The fact "${name}" could not be read.` });
}
