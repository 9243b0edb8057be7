import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Tells one process from any other that ever had or will have its number: pid and time of start. `undefined` when no such process lives.
 * Process numbers come round again, so a pid in a file may be that of a stranger.
 */
export function processMark(pid: number): string | undefined {
  if (!lives(pid)) return undefined;
  const start = existsSync('/proc/self/stat') ? startOnLinux(pid) : startByPs(pid);
  return start && `${String(pid)}@${start}`;
}

/** Whether the very process that had this mark still lives. */
export function isRunning(mark: string): boolean {
  return mark === processMark(Number(mark.split('@')[0]));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces; the state follows it, and 19 fields later the start time.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; where process 1 of a container reaps nobody, its number stays taken for ever.
    return state === 'Z' || state === 'X' ? undefined : rest[18];
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

function startByPs(pid: number): string | undefined {
  const { status, stdout, error } = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  const [state = 'Z', ...start] = stdout.trim().split(/\s+/);
  return status !== 0 || state.startsWith('Z') ? undefined : start.join(' ');
}
