import { verifyProof } from '../../evidence/ledger-proof';
import { proveEntry } from '../prove-entry';
import { readJsonFile } from '../read-json-file';
import { readPublicKeys, type SourceOptions } from './ledger-sources';

export interface ProveOptions extends SourceOptions {
  readonly tenant: string;
}

/** `ledger prove <seq|key>`: the entry with its proof, as JSON on stdout. */
export async function ledgerProve(which: string, options: ProveOptions): Promise<void> {
  process.stdout.write(`${JSON.stringify(await proveEntry(options.tenant, which, options))}\n`);
}

/** `ledger verify --proof <file>`: exit code 1 when the proof does not hold. */
export async function ledgerVerifyProof(path: string, options: SourceOptions): Promise<void> {
  const report = verifyProof(await readJsonFile(path), ...(await readPublicKeys(options)));
  process.stdout.write(`${JSON.stringify(report)}\n`);
  if (!report.ok) process.exitCode = 1;
}
