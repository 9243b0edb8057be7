import { type Logger } from 'pino';
import { checkpointAll, type CheckpointDeps } from '../db/checkpoint';
import { openLedgerDoubt } from '../db/ledger-doubts';

/**
 * Exports the head of every ledger that has grown. A log that contradicts what was signed before is an alarm, told each time; no effect of its
 * tenant begins until an operator has acknowledged that it was restored.
 */
export function createCheckpointRound(
  deps: CheckpointDeps,
  log: Logger,
  failed: (outcome: 'refused' | 'failed') => void,
) {
  return async function checkpointRound(): Promise<boolean> {
    for (const report of await checkpointAll(deps)) {
      if (report.outcome === 'refused' || report.outcome === 'failed') failed(report.outcome);
      if (report.outcome === 'refused') log.error({ tenant: report.tenant, code: report.code }, report.message);
      if (report.outcome === 'refused' && report.doubted !== undefined)
        await openLedgerDoubt(deps.pool, report.tenant, report.doubted);
      if (report.outcome === 'restored') {
        // Somebody said so who owns the database; whoever watches has to hear it.
        failed('refused');
        const { tenant, size, gaveUp } = report;
        log.error({ tenant, size, gaveUp }, 'a checkpoint was given up: an acknowledged restore from an older backup');
      }
      if (report.outcome === 'failed')
        log.error({ tenant: report.tenant, err: report.error }, 'a checkpoint could not be written');
    }
    return false;
  };
}
