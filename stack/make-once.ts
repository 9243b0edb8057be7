import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Report } from './report';
import { takeLock } from './take-lock';

/** A machine under load builds the larger tool in about ten minutes; one that takes longer than this is stuck. */
export const MAKE_WITHIN_MS = 30 * 60_000;

interface Making {
  /** Where it is afterwards: whole, or not at all. */
  readonly destination: string;
  /** For people: who else makes it "is building …". */
  readonly doing: string;
  readonly report: Report;
  /** Makes it in an empty directory, and tells the path in there that becomes the destination. */
  readonly make: (work: string) => Promise<string>;
}

/** Makes a file or a directory once for all checkouts. Several may ask at once: one makes it, the others wait for it. */
export async function makeOnce({ destination, doing, report, make }: Making): Promise<void> {
  mkdirSync(dirname(destination), { recursive: true });
  const lock = await takeLock(`${destination}.lock`, {
    waitMs: MAKE_WITHIN_MS,
    onWait: (holder) => report(`Waiting for process ${holder}, which is ${doing} …`),
  });
  const work = mkdtempSync(`${destination}.build-`);
  try {
    if (existsSync(destination)) return; // by the one we waited for
    renameSync(await make(work), destination);
  } finally {
    rmSync(work, { recursive: true, force: true });
    lock.release();
  }
}

/** Says every quarter of a minute that something still goes on, until it ends. */
export async function sayingSo<T>(report: Report, doing: string, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const progress = setInterval(
    () => report(`  … still ${doing}, ${String(Math.round((performance.now() - started) / 1000))} s`),
    15_000,
  );
  return work.finally(() => clearInterval(progress));
}
