import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { round } from './sample';

/** Of the processor, in ms; by who took it. `node`: gateway, workers, and whoever asks. */
export interface ProcessorTime {
  readonly temporal: number;
  readonly postgres: number;
  readonly node: number;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  readonly ms: number;
}

const MS_A_TICK = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What this process and all that came from it have taken until now: also those that are over, such as the sessions of Postgres. */
export function processorTime(): ProcessorTime {
  const time = { temporal: 0, postgres: 0, node: 0 };
  for (const { name, ms } of family(process.pid)) {
    if (name.startsWith('temporal')) time.temporal += ms;
    else if (name.startsWith('postgres')) time.postgres += ms;
    else time.node += ms;
  }
  return time;
}

/** Of each of so many that were done between two readings. */
export function processorTimeOfEach(before: ProcessorTime, after: ProcessorTime, count: number): ProcessorTime {
  const each = (who: keyof ProcessorTime): number => round((after[who] - before[who]) / count);
  return { temporal: each('temporal'), postgres: each('postgres'), node: each('node') };
}

function family(root: number): Process[] {
  const all = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? readProcess(Number(entry)) : []));
  const found = all.filter(({ pid }) => pid === root);
  for (const { pid } of found) found.push(...all.filter(({ parent }) => parent === pid));
  return found;
}

/** Of proc(5): a name in brackets, which may hold anything, then numbers, with those of children that were waited for. None: it is over. */
function readProcess(pid: number): Process[] {
  const [, name, rest] = /\((.*)\) (.*)/s.exec(statOf(pid)) ?? [];
  if (name === undefined || rest === undefined) return [];
  const numbers = rest.split(' ').map(Number);
  const ticks = numbers.slice(11, 15).reduce((sum, each) => sum + each, 0);
  return [{ pid, parent: numbers[1] ?? 0, name, ms: ticks * MS_A_TICK }];
}

function statOf(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  } catch {
    return ''; // it ended since it was listed
  }
}
