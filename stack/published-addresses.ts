import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, processMark } from './process-mark';
import { writePrivate } from './write-private';

/** What the command line needs to find the stack on this machine; in `<home>/stack.json`, for its owner alone, while the stack runs. */
export interface Addresses {
  readonly gateway: string;
  /** Where the gateway listens to operators. */
  readonly admin: string;
  /** Read only: the auditor's. */
  readonly databaseUrl: string;
  /** Null with a Temporal server of your own. */
  readonly temporalUi: string | null;
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** The signed bundle that its processes load. */
  readonly bundle: string;
}

interface Published extends Addresses {
  /** Who wrote it; a stack that was killed leaves its file behind. */
  readonly process: string | null;
}

const pathIn = (home: string): string => join(home, 'stack.json');

/** Says where this process' stack listens. What is returned takes it back. */
export function publishAddresses(home: string, addresses: Addresses): () => void {
  const published: Published = { process: processMark(process.pid) ?? null, ...addresses };
  writePrivate(pathIn(home), `${JSON.stringify(published)}\n`);
  return () => rmSync(pathIn(home), { force: true });
}

/** Where the stack of this home listens; `undefined` when none runs there. */
export function publishedAddresses(home: string): Addresses | undefined {
  const text = readIfThere(pathIn(home));
  if (text === undefined) return undefined;
  const { process: mark, ...addresses } = JSON.parse(text) as Published;
  return mark !== null && isRunning(mark) ? addresses : undefined;
}

/** A stack may stop, and take its file along, at any moment. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
