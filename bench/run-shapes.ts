import { setTimeout as sleep } from 'node:timers/promises';
import { WAKE_SIGNAL } from '../workflows/contract/names';
import { type Cost, costOf } from './cost';
import { startShape } from './start-shape';
import { type BenchStack } from './with-bench-stack';
import { withShapesWorker } from './with-worker';

/** The cost of the two forms that Countersign is compared with. */
export async function runShapes(bench: BenchStack): Promise<{ bare: Cost; naive: Cost }> {
  const { client } = bench;
  return await withShapesWorker(bench, async () => {
    const bare = await startShape(client, 'bare');
    const naive = await startShape(client, 'skeleton');
    // The person answers when the workflow waits: a signal that arrives in the middle of its work would cost more.
    await sleep(2_000);
    await naive.signal(WAKE_SIGNAL);
    return { bare: await costOf(client, bare.workflowId), naive: await costOf(client, naive.workflowId) };
  });
}
