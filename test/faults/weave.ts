import { type PoolClient } from 'pg';
import { type Ledger } from '../../db/ledger';
import { type FactReader } from '../../domain/provider';
import { callerName } from './caller-name';

/**
 * Fault points are woven round what a worker and a gateway are made of. The product knows nothing of them, so none can be left in it, and whoever
 * writes an activity or a transaction gets its points without doing anything. Their names are listed in `points.ts`.
 */
export type Announce = (point: string) => Promise<void>;

type Activity = (...args: never[]) => Promise<unknown>;

/** `<activity>:before` and `<activity>:before-return`. */
export function weaveActivities<T extends object>(activities: T, announce: Announce): T {
  const woven = Object.entries(activities as Readonly<Record<string, Activity>>).map(([name, run]) => [
    name,
    async (...args: never[]): Promise<unknown> => {
      await announce(`${name}:before`);
      const result = await run(...args);
      await announce(`${name}:before-return`);
      return result;
    },
  ]);
  return Object.fromEntries(woven) as T;
}

/**
 * `<transaction>:before-commit`, when all of it is written, the ledger's entry too, and `<transaction>:after-commit`. A transaction that has
 * written nothing has neither: killed there, nothing would be lost that is not lost anywhere.
 */
export async function weaveTransaction<T>(
  announce: Announce,
  run: (work: (client: PoolClient) => Promise<T>) => Promise<T>,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const name = callerName();
  let wrote = false;
  const result = await run(async (client) => {
    const value = await work(client);
    const { rows } = await client.query<{ wrote: boolean }>(
      'select pg_current_xact_id_if_assigned() is not null as wrote',
    );
    wrote = rows[0]?.wrote === true;
    if (wrote) await announce(`${name}:before-commit`);
    return value;
  });
  if (wrote) await announce(`${name}:after-commit`);
  return result;
}

/** An append is one statement, and so a transaction of its own: `<who appends>.append:after-commit`. */
export function weaveLedger(ledger: Ledger, announce: Announce): Ledger {
  return {
    append: async (tenant, entries) => {
      const name = callerName();
      await ledger.append(tenant, entries);
      if (entries.length > 0) await announce(`${name}.append:after-commit`);
    },
  };
}

/** Calls to the world outside, each with `<call>:after-external`. */
const EXTERNAL = ['execute', 'undo', 'status', 'revoke', 'issue', 'wake', 'show'];

export function weaveExternal<T extends object>(adapter: T, announce: Announce): T {
  return new Proxy(adapter, {
    get: (target, name): unknown => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      const call = member.bind(target) as Activity;
      return EXTERNAL.includes(name) ? afterExternal(name, call, announce) : call;
    },
  });
}

export function weaveFacts(facts: FactReader, announce: Announce): FactReader {
  return { ...facts, read: afterExternal('readFact', (query) => facts.read(query), announce) };
}

export function afterExternal<A extends readonly unknown[], R>(
  name: string,
  call: (...args: A) => Promise<R>,
  announce: Announce,
): (...args: A) => Promise<R> {
  return async (...args) => {
    const result = await call(...args);
    await announce(`${name}:after-external`);
    return result;
  };
}
