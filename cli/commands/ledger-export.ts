import { once } from 'node:events';
import { type Writable } from 'node:stream';
import { readLedger } from '../../db/ledger-read';
import { checkpointLine, headerLine, leafLine } from '../../evidence/ledger-export';
import { leafRecord, readNotes, readPublicKeys, type SourceOptions, withLog } from './ledger-sources';

export interface ExportOptions extends SourceOptions {
  readonly tenant: string;
  readonly withBodies?: boolean;
}

/** `ledger export`: the log of one tenant as JSON Lines on stdout. */
export async function ledgerExport(options: ExportOptions, out: Writable = process.stdout): Promise<void> {
  const { tenant, withBodies: bodies = false } = options;
  const keys = await readPublicKeys(options);
  // The notes first, so that every one of them covers entries that are exported.
  const notes = await readNotes(options, tenant);
  await write(out, headerLine(tenant, keys, bodies));
  const entries = await withLog(options, async (log) => {
    let count = 0;
    for await (const row of readLedger(log, tenant, { bodies })) {
      await write(out, leafLine(leafRecord(row, bodies)));
      count += 1;
    }
    return count;
  });
  for (const note of notes) await write(out, checkpointLine(note));
  process.stderr.write(`exported ${entries} entries and ${notes.length} checkpoints of ${tenant}\n`);
}

async function write(out: Writable, line: string): Promise<void> {
  if (!out.write(`${line}\n`)) await once(out, 'drain');
}
