import { type Catalogue, type FactSource } from '../domain/documents';
import { type Json, type JsonObject } from '../domain/json';
import { type FactReader } from '../domain/provider';
import { readPointer } from '../domain/read-pointer';

export type FactsRead =
  | { readonly kind: 'read'; readonly facts: Readonly<Record<string, Json>> }
  | { readonly kind: 'unanswered'; readonly code: string };

/** Asks each source once, all at the same time. What a source does not have is null; what a source does not answer ends it. */
export async function readFacts(
  reader: FactReader,
  catalogue: Pick<Catalogue, 'targets'>,
  tenant: string,
  sources: Readonly<Record<string, FactSource>>,
  params: JsonObject,
): Promise<FactsRead> {
  const answers = await Promise.all(
    Object.entries(sources).map(async ([name, { source, query, args }]) => {
      const target = catalogue.targets[source];
      if (target === undefined) return { name, answer: { kind: 'unanswered', code: 'target_unknown' } as const };
      const filled = Object.fromEntries(
        Object.entries(args).map(([arg, pointer]) => [arg, readPointer({ params }, pointer) ?? null]),
      );
      return { name, answer: await reader.read({ tenant, target, operation: query, args: filled }) };
    }),
  );
  const facts: Record<string, Json> = {};
  for (const { name, answer } of answers) {
    if (answer.kind === 'unanswered') return { kind: 'unanswered', code: answer.code };
    facts[name] = answer.kind === 'found' ? answer.fact : null;
  }
  return { kind: 'read', facts };
}
