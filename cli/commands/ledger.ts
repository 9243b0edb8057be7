import { Command } from 'commander';
import { ledgerAcknowledgeRestore } from './ledger-acknowledge-restore';
import { type ExportOptions, ledgerExport } from './ledger-export';
import { ledgerProve, ledgerVerifyProof } from './ledger-prove';
import { withSourceOptions, withVerifyingOptions } from './ledger-sources';
import { ledgerVerify, type VerifyOptions } from './ledger-verify';

/**
 * `countersign ledger …`. Exit code 0: verified, or done. 1: something is wrong with the log. 2: the command cannot do
 * its work.
 */
export function ledgerCommand(): Command {
  const ledger = new Command('ledger').description('verify, export and prove what was recorded');

  withVerifyingOptions(ledger.command('verify'))
    .description('verify an export, or the live log against the exported checkpoints')
    .argument('[export]', 'a file made by ledger export; without it the database is read')
    .option('--tenant <id>', 'this tenant alone')
    .option('--proof <file>', 'verify what ledger prove has written instead')
    .option('--json', 'the report as JSON')
    .action((path: string | undefined, options: VerifyOptions & { readonly proof?: string }) =>
      options.proof === undefined ? ledgerVerify(path, options) : ledgerVerifyProof(options.proof, options),
    );

  withSourceOptions(ledger.command('export'))
    .description('write the log of a tenant as JSON Lines, with its checkpoints')
    .requiredOption('--tenant <id>', 'whose log')
    .option('--with-bodies', 'with the personal data that is not erased')
    .option('--json', 'accepted everywhere; an export is JSON anyway')
    .action((options: ExportOptions) => ledgerExport(options));

  withSourceOptions(ledger.command('prove'))
    .description('prove one entry to somebody who may not see the others')
    .argument('<seq|key>', 'the entry')
    .requiredOption('--tenant <id>', 'whose log')
    .option('--json', 'accepted everywhere; a proof is JSON anyway')
    .action(ledgerProve);

  ledger
    .command('acknowledge-restore')
    .description('let effects begin again after an older backup was restored; as the owner of the database')
    .requiredOption('--tenant <id>', 'whose log')
    .requiredOption('--reason <words>', 'what you have looked at')
    .option('--database-url <url>', 'of the owner (default: DATABASE_URL, or the stack on this machine)')
    .action(ledgerAcknowledgeRestore);

  return ledger;
}
