import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { registerFleet } from './kill/fleet';
import { createOperators } from './kill/operators';
import { killOnce, type Round, type RoundParts } from './kill/round';
import { gatewayCalls } from './load/gateway-calls';
import { median, quantile, round } from './load/sample';
import { runBench } from './run-bench';
import { type BenchStack, withBenchStack } from './with-bench-stack';

/**
 * Stops a tenant, and one agent, in the middle of a steady load, again and again: how long until the last effect begins, until the last call
 * reaches the target, until the first request is refused; and whether a fleet of twenty thousand agents stops as fast as one. The last line is
 * JSON. Ends with 1 where an effect began behind the fence, or a stop took longer than it may.
 */

/** From the command to the last call that a target sees: what had begun sends within two seconds, or not at all. */
const STOP_WITHIN_MS = 5_000;
const LARGE = 20_000;

type Summary = Readonly<Record<string, number | { readonly p50: number; readonly p99: number }>>;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      agents: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      json: { type: 'boolean', default: false },
    },
  });
  const sizes = [1, Number(values.agents), LARGE];
  const rounds = await withBenchStack((bench) => drill(bench, sizes, Number(values.rounds)));
  const all = Object.values(rounds).flat();
  const summaries = Object.fromEntries(Object.entries(rounds).map(([name, of]) => [name, summaryOf(of)]));
  const answered = (name: string): number => median((rounds[name] ?? []).map(({ answeredMs }) => answeredMs));
  const largeToOne = round(answered(`tenant of ${String(LARGE)}`) / answered('tenant of 1'));
  if (!values.json) process.stdout.write(`${JSON.stringify(summaries, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify({ drill: 'kill', stops: summaries, largeToOne })}\n`);
  const slow = all.filter(({ lastCallMs }) => lastCallMs > STOP_WITHIN_MS).length;
  const late = all.reduce((sum, { begunAfterFence }) => sum + begunAfterFence, 0);
  const idle = all.filter(({ begunBefore }) => begunBefore === 0).length;
  if (late > 0) process.stderr.write(`Missed: ${String(late)} effects began behind a closed fence.\n`);
  if (slow > 0) process.stderr.write(`Missed: ${String(slow)} stops took longer than ${String(STOP_WITHIN_MS)} ms.\n`);
  if (idle > 0) process.stderr.write(`Missed: in ${String(idle)} rounds there was nothing to stop.\n`);
  return late + slow + idle === 0 ? 0 : 1;
}

async function drill(bench: BenchStack, sizes: readonly number[], count: number): Promise<Record<string, Round[]>> {
  const owner = new Client({ connectionString: bench.databaseUrls.owner });
  await owner.connect();
  try {
    const parts = {
      owner,
      target: bench.target,
      call: gatewayCalls(bench.stack.gatewayUrl),
      operators: createOperators(bench),
    };
    const rounds: Record<string, Round[]> = {};
    for (const size of sizes) {
      const agents = await registerFleet(owner, size);
      const name = `tenant of ${String(size)}`;
      rounds[name] = await repeated(name, count, { ...parts, agents }, 'tenant');
      if (size === sizes[1])
        rounds['one agent'] = await repeated('one agent', count, { ...parts, agents }, 'agent:fleet-1');
    }
    return rounds;
  } finally {
    await owner.end();
  }
}

async function repeated(name: string, count: number, parts: RoundParts, scope: string): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let i = 0; i < count; i += 1) {
    rounds.push(await killOnce(parts, scope));
    process.stderr.write(`${name}: ${JSON.stringify(rounds.at(-1))}\n`);
  }
  return rounds;
}

function summaryOf(rounds: readonly Round[]): Summary {
  const of = (member: keyof Round): { p50: number; p99: number } => {
    const sorted = rounds.map((each) => each[member]).sort((a, b) => a - b);
    return { p50: round(quantile(sorted, 0.5)), p99: round(quantile(sorted, 0.99)) };
  };
  const sum = (member: keyof Round): number => rounds.reduce((total, each) => total + each[member], 0);
  return {
    rounds: rounds.length,
    answeredMs: of('answeredMs'),
    lastBegunMs: of('lastBegunMs'),
    lastCallMs: of('lastCallMs'),
    firstRefusalMs: of('firstRefusalMs'),
    begunBefore: sum('begunBefore'),
    begunAfterFence: sum('begunAfterFence'),
    othersWentOn: sum('othersWentOn'),
  };
}

runBench(main);
