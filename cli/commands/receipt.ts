import { Command } from 'commander';
import { findReceipt } from '../../db/find-receipt';
import { type ReceiptFile, verifyReceipt } from '../../evidence/receipt';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { printJson } from '../output';
import { proveEntry } from '../prove-entry';
import { readJsonFile } from '../read-json-file';
import { readPublicKeys, type SourceOptions, withLog, withSourceOptions } from './ledger-sources';

interface ExportOptions extends SourceOptions {
  readonly tenant: string;
  readonly generation?: string;
}

/**
 * `countersign receipt …`: what is left of an agent that was offboarded. Exit code 0: written, or verified. 1: it does not hold. 2: the command
 * cannot do its work.
 */
export function receiptCommand(): Command {
  const receipt = new Command('receipt').description('show and verify that nothing of an agent was left');
  withSourceOptions(receipt.command('export'))
    .description('write the receipt of an agent, with the proof that the ledger has it')
    .argument('<agent>', 'its id')
    .requiredOption('--tenant <id>', 'whose agent')
    .option('--generation <n>', 'which of its generations (default: the last one that was offboarded)')
    .option('--json', 'accepted everywhere; a receipt is JSON anyway')
    .action(exportReceipt);
  receipt
    .command('verify')
    .description('verify a receipt; needs no database and no network')
    .argument('<file>', 'made by receipt export')
    .option(
      '--public-key <file>',
      'public key of checkpoints, PEM; where it was replaced, again for each, oldest first (default: those among the keys)',
      (file: string, before: readonly string[] = []) => [...before, file],
    )
    .option('--json', 'accepted everywhere; a report is JSON anyway')
    .action(verify);
  return receipt;
}

async function exportReceipt(agent: string, { tenant, generation, ...options }: ExportOptions): Promise<void> {
  const which = generation === undefined ? undefined : Number(generation);
  const stored = await withLog(options, (log) => findReceipt(log, tenant, agent, which));
  if (stored === undefined) throw new CommandFailed(EXIT.usage, `there is no receipt of ${agent} in ${tenant}`);
  const proof = await proveEntry(tenant, stored.key, options);
  const file: ReceiptFile = { format: 'countersign-receipt/1', receipt: stored.receipt, proof };
  printJson(file);
}

async function verify(path: string, options: SourceOptions): Promise<void> {
  const report = verifyReceipt(await readJsonFile(path), ...(await readPublicKeys(options)));
  printJson(report);
  if (!report.ok) process.exitCode = 1;
}
