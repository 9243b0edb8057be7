import { readFileSync } from 'node:fs';
import { type BenchStack } from '../with-bench-stack';
import { type Actions } from './actions';
import { closedLoop } from './closed-loop';

/** Resident memory in MiB. */
interface Resident {
  readonly worker: number;
  readonly gateway: number;
}

export interface Memory {
  readonly actions: number;
  /** After the first fifth, when caches and pools are full. */
  readonly early: Resident;
  readonly late: Resident;
}

const ACTIONS = 10_000;
const CONCURRENT = 32;

/** What ten thousand actions leave behind in the processes that carried them out. */
export async function memory(actions: Actions, { stack }: BenchStack): Promise<Memory> {
  const resident = (): Resident => ({
    worker: residentMiB(stack.workerPid()),
    gateway: residentMiB(stack.gatewayPid()),
  });
  await closedLoop({ concurrent: CONCURRENT, count: ACTIONS / 5 }, actions.allowed);
  const early = resident();
  await closedLoop({ concurrent: CONCURRENT, count: (ACTIONS * 4) / 5 }, actions.allowed);
  return { actions: ACTIONS, early, late: resident() };
}

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1_024);
}
