import { readdirSync, readFileSync } from 'node:fs';
import { processMark } from '../../stack/process-mark';

/** Every living process that names this home, in its environment or on its command line: what a stack has started. */
export function processesOfHome(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && processMark(Number(name)) !== undefined)
    .filter((pid) => tells(`/proc/${pid}/environ`, home) || tells(`/proc/${pid}/cmdline`, home));
}

function tells(path: string, home: string): boolean {
  try {
    return readFileSync(path, 'utf8').includes(home);
  } catch (error) {
    // It ended meanwhile, or is somebody else's.
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
