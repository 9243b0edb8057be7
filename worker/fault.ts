import { closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { type Fault } from '../activities/deps';
import { type Config } from '../config/config';

/**
 * Ends this process at a named point, as `kill -9` would, once for each point: the mark that it has happened outlives it.
 * Without `COUNTERSIGN_FAULTS`, which production refuses, there are no points.
 */
export function createFault({ faults, home }: Pick<Config, 'faults' | 'home'>): Fault {
  const points = new Set(faults.map((fault) => fault.point));
  return (point) => {
    if (points.has(point) && isFirst(join(home, 'faults'), point)) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  };
}

function isFirst(directory: string, point: string): boolean {
  mkdirSync(directory, { recursive: true });
  try {
    closeSync(openSync(join(directory, point.replaceAll('/', '_')), 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
