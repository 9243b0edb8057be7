import { type KeyObject } from 'node:crypto';
import { LedgerCheck, type LeafRecord } from './check-ledger';
import { originOf } from './checkpoint';
import { openChain } from './checkpoint-chain';
import { readExportHeader, readExportLines } from './ledger-export';
import { type Finding, type LedgerReport } from './ledger-report';

/**
 * Verifies an exported log. The file is read twice: its checkpoints stand at the end, and the log is too long to keep.
 *
 * @param publicKeys from somewhere else than the export, oldest first
 * @param otherNotes checkpoints that the verifier kept from earlier; they catch an export that left out the newest
 *   together with its entries
 * @param acceptedRestores entries that acknowledge a restored backup of which the verifier knows
 * @param seen is told every entry as it is read, before it is known whether the log holds
 * @throws ExportError when the file is no export
 */
export async function verifyExport(
  path: string,
  publicKeys: readonly KeyObject[],
  otherNotes: readonly string[] = [],
  {
    acceptedRestores,
    seen,
  }: { acceptedRestores?: readonly number[] | undefined; seen?: (record: LeafRecord) => void } = {},
): Promise<LedgerReport> {
  const { tenant, bodies } = await readExportHeader(path);
  const notes: string[] = [];
  const malformed: Finding[] = [];
  for await (const line of readExportLines(path, bodies)) {
    if (line.kind === 'checkpoint') notes.push(line.note);
    if (line.kind === 'malformed')
      malformed.push({ code: 'malformed_line', message: `line ${line.line} is neither an entry nor a checkpoint` });
  }
  const chains = [notes, otherNotes].map((chain) => openChain(chain, originOf(tenant), ...publicKeys));
  const check = new LedgerCheck(tenant, chains, { findings: malformed, acceptedRestores });
  for await (const line of readExportLines(path, bodies)) {
    if (line.kind !== 'leaf') continue;
    check.add(line.record);
    seen?.(line.record);
  }
  return check.finish();
}
