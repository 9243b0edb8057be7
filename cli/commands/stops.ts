import { Command } from 'commander';
import { readConfig } from '../../config/read-config';
import { moveGlobalFence } from '../../db/move-global-fence';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table } from '../output';
import { asOwner, ownerUrl } from '../owner-database';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { reasoned, type ReasonOptions } from './agent-lives';

interface Stop {
  readonly scope: string;
  readonly actor: string;
  readonly reason: string;
  readonly since: string;
  readonly agents: number;
  readonly openActions: number;
  readonly begun: readonly {
    readonly action: string;
    readonly step: string;
    readonly kind: string;
    readonly state: string;
  }[];
}

interface ScopeOptions extends ReasonOptions {
  readonly tenant?: string;
  readonly by?: string;
  readonly databaseUrl?: string;
}

const SCOPES = 'tenant, team:<x>, agent:<x>, action-type:<x>; or global, which stops every tenant';

/** `countersign kill <scope>`: nothing in it begins any more. */
export function killCommand(): Command {
  return forGlobal(new Command('kill'))
    .description('stop a scope at once: nothing in it begins any more, whatever was decided or countersigned')
    .action(kill);
}

function forGlobal(command: Command): Command {
  return reasoned(command)
    .argument('<scope>', SCOPES)
    .option('--tenant <id>', 'for global: whose ledger tells of it')
    .option('--by <person>', 'for global: who does this')
    .option(
      '--database-url <url>',
      'for global: of the owner of the database (default: DATABASE_URL, or the stack on this machine)',
    );
}

/** `countersign lift <scope>`: proposes it to another person. */
export function liftCommand(): Command {
  return forGlobal(new Command('lift'))
    .description('propose to lift a stop; another person confirms it. What stops every tenant is lifted at once')
    .action(lift);
}

/** `countersign stops`: what is stopped, and what of it has not ended. */
export function stopsCommand(): Command {
  return withAdminSession(new Command('stops'))
    .description('list what is stopped, and what had begun by then')
    .action(list);
}

async function kill(scope: string, options: ScopeOptions): Promise<void> {
  if (scope === 'global') return await moveGlobal(true, options);
  const { reason, json = false, ...session } = options;
  const { body } = await openAdminSession(session).send({
    method: 'POST',
    path: '/v1/admin/stops',
    body: { scope, reason },
  });
  if (json) return printJson(body);
  show([body as Stop]);
  say('Nothing in it begins from now on. What had begun is listed until it has ended: countersign stops.');
  hint(`countersign lift ${scope} --reason <words>`);
}

/** Past the gateway, by whoever owns the database: nobody of one tenant stops the others. It needs neither gateway nor Temporal. */
async function moveGlobal(
  closed: boolean,
  { tenant, by, databaseUrl, reason, json = false }: ScopeOptions,
): Promise<void> {
  if (tenant === undefined || by === undefined)
    throw new CommandFailed(EXIT.usage, 'Say whose ledger tells of it (--tenant), and who does this (--by).');
  const epoch = await asOwner(ownerUrl(readConfig(), databaseUrl), tenant, (client) =>
    moveGlobalFence(client, tenant, { actor: by, reason }, closed),
  );
  if (json) return printJson({ scope: 'global', closed, epoch });
  say(
    closed
      ? 'Nothing begins any more, in any tenant.'
      : 'Every tenant may go on. What was stopped does not begin again by itself.',
  );
}

async function lift(scope: string, options: ScopeOptions): Promise<void> {
  if (scope === 'global') return await moveGlobal(false, options);
  const { reason, json = false, ...session } = options;
  const path = '/v1/admin/stops/lift';
  const { body } = await openAdminSession(session).send({ method: 'POST', path, body: { scope, reason } });
  if (json) return printJson(body);
  say('It is stopped until another person confirms this.');
  hint(`countersign proposals confirm ${(body as { readonly proposal: string }).proposal} --reason <words>`);
}

async function list({ json = false, ...session }: SessionOptions & { readonly json?: boolean }): Promise<void> {
  const { body } = await openAdminSession(session).send({ method: 'GET', path: '/v1/admin/stops' });
  if (json) return printJson(body);
  const { stops } = body as { readonly stops: readonly Stop[] };
  if (stops.length === 0) return say('Nothing is stopped.');
  show(stops);
}

function show(stops: readonly Stop[]): void {
  print(
    table(
      ['scope', 'by', 'since', 'reason', 'agents', 'open actions'],
      stops.map((each) => [
        each.scope,
        each.actor,
        each.since,
        each.reason,
        String(each.agents),
        String(each.openActions),
      ]),
    ),
  );
  const begun = stops.flatMap((stop) =>
    stop.begun.map((each) => [stop.scope, each.action, each.step, each.kind, each.state]),
  );
  if (begun.length > 0) print(`\n${table(['had begun in', 'action', 'step', 'kind', 'state'], begun)}`);
}
