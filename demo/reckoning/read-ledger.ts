import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { childEnvironment } from '../../config/child-environment';
import { packageRoot } from '../../config/paths';
import { type LedgerEntry, ledgerEntriesIn } from './ledger-entry';

export interface LedgerEvidence {
  readonly entries: readonly LedgerEntry[];
  /** The offline verifier accepts the export, and a signed checkpoint covers all of it. */
  readonly verified: boolean;
}

export interface LedgerSource {
  /** Of the stack: its keys and checkpoints are there. */
  readonly home: string;
  /** Read only. */
  readonly databaseUrl: string;
  readonly tenant: string;
}

/** Checkpoints are signed every few seconds; the one that covers the last entry may be that far away. */
const ANCHORED_WITHIN_MS = 20_000;

const reportSchema = z.object({ ok: z.boolean(), size: z.number(), anchored: z.object({ to: z.number() }) });

/** Exports the ledger as an auditor would, and has it judged by the offline verifier, which shares no code with the program that wrote it. */
export async function readLedger(source: LedgerSource): Promise<LedgerEvidence> {
  const deadline = performance.now() + ANCHORED_WITHIN_MS;
  for (;;) {
    const exported = await exportLedger(source);
    const { ok, anchored, size } = await verify(exported, source);
    const verified = ok && size > 0 && anchored.to === size;
    if (verified || !ok || performance.now() > deadline) return { entries: ledgerEntriesIn(exported), verified };
    await sleep(500);
  }
}

async function exportLedger({ home, databaseUrl, tenant }: LedgerSource): Promise<string> {
  const cli = join(packageRoot(), 'dist', 'cli', 'main.js');
  const { code, stdout, stderr } = await node([cli, 'ledger', 'export', '--tenant', tenant], {
    COUNTERSIGN_HOME: home,
    DATABASE_URL_AUDITOR: databaseUrl,
  });
  if (code !== 0) throw new Error(`The ledger could not be exported: ${stderr}`);
  return stdout;
}

async function verify(exported: string, { home, tenant }: LedgerSource): Promise<z.infer<typeof reportSchema>> {
  const path = join(home, 'ledger.jsonl');
  await writeFile(path, exported, { mode: 0o600 });
  const verifier = join(packageRoot(), 'evidence', 'verify-ledger.mjs');
  const { code, stdout, stderr } = await node([
    ...[verifier, path],
    ...['--public-key', join(home, 'keys', 'checkpoint.pub.pem')],
    ...['--checkpoints', join(home, 'checkpoints', `${tenant}.checkpoints`)],
  ]);
  // 1 is a verdict, and in the report; anything else means that there is none.
  if (code !== 0 && code !== 1) throw new Error(`The verifier gave up: ${stderr}`);
  return reportSchema.parse(JSON.parse(stdout));
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The demo's ledger has some hundred entries of half a kilobyte; that of ten minutes of chaos a hundred thousand. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

function node(args: readonly string[], set: Readonly<Record<string, string>> = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      args,
      { env: childEnvironment({ set, hide: ['COUNTERSIGN_', 'DATABASE_URL'] }), maxBuffer: MAX_OUTPUT_BYTES },
      (error, stdout, stderr) => {
        if (error === null) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(new Error(`${args[0] ?? 'node'} could not be run`, { cause: error }));
      },
    );
  });
}
