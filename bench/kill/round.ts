import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from 'pg';
import { waitUntil } from '../../stack/wait-until';
import { type Call } from '../load/gateway-calls';
import { type BenchTarget } from '../target';
import { type Asking } from './fleet';
import { startLoad } from './load';
import { type Operators } from './operators';

/** What one kill has shown. Times in ms since the command was sent. */
export interface Round {
  /** Until it was answered. */
  readonly answeredMs: number;
  readonly lastBegunMs: number;
  readonly lastCallMs: number;
  readonly firstRefusalMs: number;
  readonly begunBefore: number;
  readonly begunAfterFence: number;
  /** Where one agent was stopped: how many actions of the others were executed after that. */
  readonly othersWentOn: number;
}

export interface RoundParts {
  readonly owner: Client;
  readonly target: BenchTarget;
  readonly call: Call;
  readonly operators: Operators;
  readonly agents: readonly Asking[];
}

/** So many actions have run through before: by then the load is steady. */
const STEADY_AFTER = 24;
/** A kill comes when it comes, and not always at the same beat of the load. */
const AT_RANDOM_MS = 500;
/** Whatever had begun has arrived by then: it sends within two seconds or not at all. */
const AFTER_MS = 3_000;

/** Stops a scope in the middle of a steady load, looks for what still happened, and lifts it again. */
export async function killOnce({ owner, target, call, operators, agents }: RoundParts, scope: string): Promise<Round> {
  const stopped = scope === 'tenant' ? undefined : scope.slice('agent:'.length);
  const mine = ({ agent }: { readonly agent: string }): boolean => stopped === undefined || agent === stopped;
  const load = startLoad(call, agents);
  const from = Date.now();
  await waitUntil(() => Promise.resolve(load.executed.length >= STEADY_AFTER), {
    what: 'The load does not run',
    withinMs: 60_000,
  });
  await sleep(Math.random() * AT_RANDOM_MS);
  const { sentAt, answeredAt } = await operators.kill(scope);
  await sleep(AFTER_MS);
  await load.stop();
  const effects = await effectsSince(owner, from, scope, stopped);
  const calls = await callsOf(owner, target, stopped, from);
  await operators.lift(scope);
  const since = (times: readonly number[]): number => Math.round(Math.max(0, ...times.map((at) => at - sentAt)));
  return {
    answeredMs: answeredAt - sentAt,
    lastBegunMs: since(effects.map(({ begunAt }) => begunAt)),
    lastCallMs: since(calls),
    firstRefusalMs: Math.min(...load.refusals.filter(mine).map(({ at }) => at - sentAt)),
    begunBefore: effects.filter(({ afterFence }) => !afterFence).length,
    begunAfterFence: effects.filter(({ afterFence }) => afterFence).length,
    othersWentOn: load.executed.filter((each) => !mine(each) && each.at > answeredAt).length,
  };
}

interface Effect {
  readonly begunAt: number;
  readonly afterFence: boolean;
}

async function effectsSince(owner: Client, from: number, scope: string, agent: string | undefined): Promise<Effect[]> {
  const { rows } = await owner.query<Effect>(
    `select extract(epoch from e.begun_at)::float8 * 1000 as "begunAt", e.begun_at >= f.moved_at as "afterFence"
     from effects e join actions a using (tenant, action) join fences f on f.tenant = e.tenant and f.scope = $2::text and f.closed
     where e.tenant = 'demo' and e.kind = 'do' and e.begun_at > to_timestamp($1::float8 / 1000) and ($3::text is null or a.agent = $3::text)`,
    [from, scope, agent ?? null],
  );
  return rows;
}

/** When the target was called to pay; by the key of an effect it is known for whom. */
async function callsOf(owner: Client, target: BenchTarget, agent: string | undefined, from: number): Promise<number[]> {
  const calls = target.payments().filter(({ at }) => at >= from);
  const { rows } = await owner.query<{ key: string }>(
    `select e.idempotency_key as key from effects e join actions a using (tenant, action)
     where e.tenant = 'demo' and e.begun_at > to_timestamp($1::float8 / 1000) and ($2::text is null or a.agent = $2::text)`,
    [from, agent ?? null],
  );
  const keys = new Set(rows.map(({ key }) => key));
  return calls.filter(({ key }) => keys.has(key)).map(({ at }) => at);
}
