import { type FactSource, type Target } from './documents';
import { type Json, type JsonObject } from './json';
import { type FactReader, TARGET_UNKNOWN } from './provider';
import { readPointer } from './read-pointer';

export type FactsRead =
  | { readonly kind: 'read'; readonly facts: Readonly<Record<string, Json>> }
  | { readonly kind: 'unanswered'; readonly fact: string; readonly code: string };

/**
 * Asks each source once, all at the same time. What a source does not know is `null`; whether that is fatal is decided
 * with everything else. What a source does not answer ends it, for nobody could decide without it.
 */
export async function readFacts(
  reader: FactReader,
  targets: Readonly<Record<string, Target>>,
  tenant: string,
  sources: Readonly<Record<string, FactSource>>,
  params: JsonObject,
): Promise<FactsRead> {
  const answers = await Promise.all(
    Object.entries(sources).map(async ([fact, source]) => ({ fact, answer: await ask(source) })),
  );
  const facts: Record<string, Json> = {};
  for (const { fact, answer } of answers) {
    if (answer.kind === 'unanswered') return { kind: 'unanswered', fact, code: answer.code };
    facts[fact] = answer.kind === 'found' ? answer.fact : null;
  }
  return { kind: 'read', facts };

  async function ask({ source, query, args }: FactSource): ReturnType<FactReader['read']> {
    const target = targets[source];
    if (target === undefined) return { kind: 'unanswered', code: TARGET_UNKNOWN };
    const filled: Record<string, Json> = {};
    for (const [name, pointer] of Object.entries(args)) {
      const value = readPointer({ params }, pointer);
      // An optional parameter that is absent names no subject, so there is nothing to be known about it.
      if (value === undefined) return { kind: 'missing' };
      filled[name] = value;
    }
    return await reader.read({ tenant, target, operation: query, args: filled });
  }
}
