import { Command } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Finding, type Reconciliation } from '../../domain/reconciliation';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';

interface Options extends SessionOptions {
  readonly json?: boolean;
  readonly endAliens?: string;
  readonly reason?: string;
}

/** Longer than a target is waited for, twice. Where no worker touches targets nobody will look. */
const WAIT_MS = 60_000;
const ASK_EVERY_MS = 500;

/** `countersign grants reconcile`: what targets have, against what we think lives there. */
export function grantsCommand(): Command {
  const grants = new Command('grants').description('credentials that exist for one action');
  withAdminSession(grants.command('reconcile'))
    .description(
      'look at every target for credentials that nobody knows, that are missing, or that live though they were ended. ' +
        'Exits with 1 where there are any',
    )
    .option('--end-aliens <report>', 'end those that nobody knows, as an earlier look named them; no others')
    .option('--reason <words>', 'why they are ended; it is kept beside the ledger')
    .action(reconcile);
  return grants;
}

async function reconcile({ json = false, endAliens, reason, ...options }: Options): Promise<void> {
  if ((endAliens === undefined) !== (reason === undefined))
    throw new CommandFailed(EXIT.usage, 'To end aliens, say of which report (--end-aliens) and why (--reason).');
  const session = openAdminSession(options);
  const asked = await session.send({
    method: 'POST',
    path: '/v1/admin/reconciliations',
    body: { ...(endAliens !== undefined && { endAliensOf: endAliens }), ...(reason !== undefined && { reason }) },
  });
  const { id } = asked.body as { readonly id: string };
  const found = await finished(session, id);
  if (json) printJson(found);
  else show(found);
  if ((found.findings ?? []).some(isWrong)) process.exitCode = EXIT.refused;
}

async function finished(session: ReturnType<typeof openAdminSession>, id: string): Promise<Reconciliation> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += ASK_EVERY_MS) {
    const { body } = await session.send({ method: 'GET', path: `/v1/admin/reconciliations/${id}` });
    const found = body as Reconciliation;
    if (found.finishedAt !== null) return found;
    await sleep(ASK_EVERY_MS);
  }
  throw new CommandFailed(EXIT.pending, `Nobody has looked yet. Is there a worker that touches targets? (${id})`);
}

/** What somebody has to do something about. Not what was ended just now, nor what cannot be asked. */
function isWrong({ kind, done }: Finding): boolean {
  return kind !== 'unverified' && done !== 'ended';
}

function show({ id, targets, findings }: Reconciliation): void {
  print(
    table(
      ['target', 'was'],
      (targets ?? []).map(({ target, state }) => [target, state]),
    ),
  );
  const all = findings ?? [];
  if (all.length === 0) return say('Nothing differs.');
  print('');
  print(
    table(
      ['what', 'target', 'role', 'grant', 'until', 'sessions', 'done'],
      all.map(({ kind, target, role = '-', grant = '-', validUntil, sessions, done = '-' }) => [
        ...[kind, target, role, grant],
        ...[validUntil === undefined ? '-' : (validUntil ?? 'for ever'), sessions?.toString() ?? '-', done],
      ]),
    ),
  );
  if (all.some(({ kind, done }) => kind === 'alien' && done === undefined)) {
    say('Ask who made what nobody knows, before you end it: it may be somebody’s way in when all else failed.');
    hint(`countersign grants reconcile --end-aliens ${id} --reason <words>`);
  }
}
