import { ConfigError } from '../config/config-error';
import { ExportError } from '../evidence/ledger-export';
import { CommandError } from './commands/ledger-sources';

/** Says in one line what a person can mend; anything else is a defect and keeps its stack. */
export async function orExitTwo(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof ExportError || error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
