import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { childEnvironment } from '../config/child-environment';
import { takeLock } from './take-lock';
import { type Report } from './report';
import { type Tool } from './tools';

/** A machine under load builds the larger tool in about ten minutes; one that takes longer than this is stuck. */
const BUILD_WITHIN_MS = 30 * 60_000;

interface Installation {
  readonly go: string;
  readonly tool: Tool;
  /** Path of the program afterwards. */
  readonly destination: string;
  readonly report: Report;
}

/** Builds a pinned version once for all checkouts. Several may ask at once: one builds, the others wait for it. */
export async function installWithGo({ go, tool, destination, report }: Installation): Promise<void> {
  mkdirSync(dirname(destination), { recursive: true });
  const lock = await takeLock(`${destination}.lock`, {
    waitMs: BUILD_WITHIN_MS,
    onWait: (holder) => report(`Waiting for process ${holder}, which is building ${tool.title} …`),
  });
  const work = mkdtempSync(`${destination}.build-`);
  try {
    if (existsSync(destination)) return; // by the one we waited for
    report(`Building ${tool.title} ${tool.version} with Go; once, ${tool.buildTakes} on two cores …`);
    await goInstall(go, tool, work, report);
    renameSync(join(work, tool.name), destination);
    report(`Built ${basename(destination)}.`);
  } finally {
    rmSync(work, { recursive: true, force: true });
    lock.release();
  }
}

function goInstall(go: string, tool: Tool, work: string, report: Report): Promise<void> {
  const started = performance.now();
  const build = spawn(go, ['install', ...(tool.tags === undefined ? [] : ['-tags', tool.tags]), tool.module], {
    env: childEnvironment({ set: { GOBIN: work, GOFLAGS: '-trimpath', CGO_ENABLED: '0' } }),
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: BUILD_WITHIN_MS,
  });
  const words: string[] = [];
  build.stderr.setEncoding('utf8').on('data', (chunk: string) => words.push(chunk));
  const progress = setInterval(
    () => report(`  … still building, ${String(Math.round((performance.now() - started) / 1000))} s`),
    15_000,
  );
  return new Promise<void>((resolve, reject) => {
    build.once('error', reject);
    build.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`\`go install ${tool.module}\` failed:\n${words.join('').trim().split('\n').slice(-5).join('\n')}`),
        );
    });
  }).finally(() => clearInterval(progress));
}
