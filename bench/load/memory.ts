import { readFileSync } from 'node:fs';
import { type BenchStack } from '../with-bench-stack';
import { type Actions } from './actions';
import { closedLoop } from './closed-loop';

/** Resident memory in MiB. */
interface Resident {
  readonly worker: number;
  readonly gateway: number;
}

interface Reading extends Resident {
  /** So many had been asked for until then. */
  readonly actions: number;
}

export interface Memory {
  /** When caches and pools were full. */
  readonly early: Reading;
  readonly late: Reading;
}

const ACTIONS = 10_000;
const CONCURRENT = 32;

/** What ten thousand actions leave behind in the processes that carried them out; those that were asked for before are of them. */
export async function memory(actions: Actions, { stack }: BenchStack): Promise<Memory> {
  const read = (): Reading => ({
    actions: actions.asked(),
    worker: residentMiB(stack.workerPid()),
    gateway: residentMiB(stack.gatewayPid()),
  });
  const early = read();
  await closedLoop({ concurrent: CONCURRENT, count: ACTIONS - early.actions }, actions.allowed);
  return { early, late: read() };
}

function residentMiB(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1_024);
}
