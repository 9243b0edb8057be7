import { type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { splitNotes } from '../../evidence/checkpoint-chain';
import { type LedgerReport } from '../../evidence/ledger-report';
import { verifyExport } from '../../evidence/verify-export';

export interface OfflineResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** The product's verifier and the one that shares no code with it, asked the same. */
export interface BothVerifiers {
  /** What both found in an export of these lines; fails the test where they differ. `kept` are checkpoints from earlier. */
  report(lines: readonly string[], publicKey: KeyObject, kept?: readonly string[]): Promise<LedgerReport>;
  /** Calls the offline one as a command; the file's lines come first. */
  offline(lines: readonly string[], ...args: string[]): Promise<OfflineResult>;
  /** A file beside the exports. */
  saved(name: string, text: string): string;
  close(): Promise<void>;
}

export function createBothVerifiers(): BothVerifiers {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-verifiers-'));
  const saved = (name: string, text: string): string => {
    const file = join(directory, name);
    writeFileSync(file, text);
    return file;
  };
  // Away from the checkout: it needs nothing beside it.
  const script = saved('verify-ledger.mjs', readFileSync(join(__dirname, '../../evidence/verify-ledger.mjs'), 'utf8'));
  const worker = new Worker(join(__dirname, 'offline-verifier.mjs'), { env: {} });
  const lineFile = (lines: readonly string[]): string =>
    saved('export.jsonl', lines.map((line) => `${line}\n`).join(''));

  async function call(...args: string[]): Promise<OfflineResult> {
    worker.postMessage({ script, args });
    const [result] = (await once(worker, 'message')) as [OfflineResult];
    return result;
  }

  return {
    saved,
    offline: (lines, ...args) => call(lineFile(lines), ...args),
    report: async (lines, publicKey, kept = []) => {
      const file = lineFile(lines);
      const key = saved('key.pem', publicKey.export({ type: 'spki', format: 'pem' }).toString());
      const keptText = kept.map((note) => `${note}\n`).join('');
      const notes = saved('kept.checkpoints', keptText);
      const ours = await verifyExport(file, [publicKey], splitNotes(keptText).notes);
      const theirs = await call(file, '--public-key', key, ...(kept.length === 0 ? [] : ['--checkpoints', notes]));
      const { key: fingerprint, ...report } = JSON.parse(theirs.stdout) as LedgerReport & { key: string };
      expect(fingerprint).toMatch(/^sha256:/);
      expect(theirs.exitCode).toBe(ours.ok ? 0 : 1);
      expect(withoutSentences(report)).toEqual(withoutSentences(ours));
      return ours;
    },
    close: async () => {
      await worker.terminate();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Each verifier words its sentences for itself. */
function withoutSentences({ findings, warnings, ...report }: LedgerReport): unknown {
  return {
    ...report,
    findings: findings.map(({ message: _, ...finding }) => finding),
    warnings: warnings.map(({ message: _, ...warning }) => warning),
  };
}
