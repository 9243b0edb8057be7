import Table from 'cli-table3';
import { actionWorkflowId } from '../workflows/contract/names';
import { costOf } from './cost';
import { createActions } from './load/actions';
import { type Costs, SHAPES, overBudget } from './over-budget';
import { runBench } from './run-bench';
import { runShapes } from './run-shapes';
import { withBenchStack } from './with-bench-stack';

/**
 * What an action costs the Temporal server, in whole numbers: beside a bare workflow with one activity, and beside the same story with every verb
 * a regular activity. `--json` prints one line for programs. Ends with 1 when a budget is exceeded.
 */
async function main(): Promise<number> {
  const costs = await withBenchStack(async (bench): Promise<Costs> => {
    const actions = createActions(bench);
    const cost = async (shape: 'denied' | 'allowed' | 'approved') =>
      await costOf(bench.client, actionWorkflowId('demo', await actions[shape]()));
    try {
      const [denied, allowed, approved] = [await cost('denied'), await cost('allowed'), await cost('approved')];
      return { denied, allowed, approved, ...(await runShapes(bench)) };
    } finally {
      await actions.close();
    }
  });
  const over = overBudget(costs);
  process.stdout.write(
    process.argv.includes('--json')
      ? `${JSON.stringify({ bench: 'transitions', costs, over })}\n`
      : `${table(costs)}\n`,
  );
  for (const sentence of over) process.stderr.write(`Over budget: ${sentence}.\n`);
  return over.length === 0 ? 0 : 1;
}

function table(costs: Costs): string {
  const rows = new Table({
    head: ['shape', 'state transitions', 'events', 'history bytes', 'bytes / bare'],
    style: { head: [], border: [] },
  });
  for (const shape of SHAPES) {
    const { stateTransitions, events, historyBytes } = costs[shape];
    rows.push([shape, stateTransitions, events, historyBytes, (historyBytes / costs.bare.historyBytes).toFixed(2)]);
  }
  return rows.toString();
}

runBench(main);
