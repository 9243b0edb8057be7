import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Announce } from './weave';

/**
 * Ends this process at a named point, as `kill -9` would, once for each point: the mark that it has happened outlives it.
 *
 * @param faults `<point>=kill`, several with commas between them
 */
export function createKill(faults: string, home: string): Announce {
  const points = new Set(
    faults
      .split(',')
      .filter(Boolean)
      .map((fault) => fault.trim().replace(/=kill$/, '')),
  );
  return (point) => {
    if (points.has(point) && isFirst(marksIn(home), point)) process.kill(process.pid, 'SIGKILL');
    return Promise.resolve();
  };
}

/** The points at which a process of this home has died. */
export function deathsIn(home: string): readonly string[] {
  mkdirSync(marksIn(home), { recursive: true });
  return readdirSync(marksIn(home));
}

/** Nobody dies at the point before it is armed, as if somebody had. */
export function disarm(home: string, point: string): void {
  isFirst(marksIn(home), point);
}

/** Lets the next process that comes by the point die there, too. False: it is armed, and nobody has died there since. */
export function armAgain(home: string, point: string): boolean {
  if (!deathsIn(home).includes(point)) return false;
  rmSync(join(marksIn(home), point));
  return true;
}

const marksIn = (home: string): string => join(home, 'faults');

function isFirst(directory: string, point: string): boolean {
  mkdirSync(directory, { recursive: true });
  try {
    closeSync(openSync(join(directory, point), 'wx'));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
