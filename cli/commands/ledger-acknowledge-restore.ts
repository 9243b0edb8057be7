import { readConfig } from '../../config/read-config';
import { acknowledgeRestore } from '../../db/ledger-doubts';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { say } from '../output';
import { asOwner, ownerUrl } from '../owner-database';

interface AcknowledgeOptions {
  readonly tenant: string;
  readonly reason: string;
  readonly databaseUrl?: string;
}

/** Somebody has looked at what a restored database does not know, and takes it on: effects begin again. */
export async function ledgerAcknowledgeRestore({ tenant, reason, databaseUrl }: AcknowledgeOptions): Promise<void> {
  if (reason.trim() === '') throw new CommandFailed(EXIT.usage, '--reason: say what you have looked at.');
  const url = ownerUrl(readConfig(), databaseUrl);
  const open = await asOwner(url, tenant, (client) => acknowledgeRestore(client, tenant, reason));
  if (open === 0) throw new CommandFailed(EXIT.refused, `Nothing of ${tenant} contradicts a checkpoint.`);
  say(`Effects of ${tenant} begin again. What was signed before still does not verify.`);
}
