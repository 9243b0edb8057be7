import { Command } from 'commander';
import { readConfig } from '../../config/read-config';
import { moveGlobalFence } from '../../db/move-global-fence';
import { unheardBy } from '../../db/unheard-by';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table } from '../output';
import { asOwner, ownerUrl } from '../owner-database';
import { seconds } from '../seconds';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { showUnheard, untilHeard, type Unheard } from '../unheard';
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

interface Moved {
  readonly move: { readonly scope: 'global'; readonly closed: boolean; readonly epoch: number };
  readonly ask: () => Promise<Unheard['unheard']>;
}

type Stops = { readonly stops: readonly Stop[] } & Unheard;

interface ScopeOptions extends ReasonOptions {
  readonly tenant?: string;
  readonly by?: string;
  readonly databaseUrl?: string;
}

interface KillOptions extends ScopeOptions {
  readonly wait?: number | true;
}

/** A process that was killed is gone from the list after a minute of silence; one that lives confirms within seconds. */
const WAIT_SECONDS = 90;

const SCOPES = 'tenant, team:<x>, agent:<x>, action-type:<x>; or global, which stops every tenant';

/** `countersign kill <scope>`: nothing in it begins any more. */
export function killCommand(): Command {
  return forGlobal(new Command('kill'))
    .description('stop a scope at once: nothing in it begins any more, whatever was decided or countersigned')
    .option(
      '--wait [seconds]',
      `wait until every process has confirmed it, ${String(WAIT_SECONDS)} seconds at most unless said; nothing begins meanwhile either`,
      seconds,
    )
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
    .description('list what is stopped, what had begun by then, and which processes have not confirmed it')
    .action(list);
}

async function kill(scope: string, options: KillOptions): Promise<void> {
  if (scope === 'global') return await killGlobal(options);
  const { reason, json = false, wait, ...session } = options;
  const gateway = openAdminSession(session);
  const path = '/v1/admin/stops';
  const { body } = await gateway.send({ method: 'POST', path, body: { scope, reason } });
  const stop = body as Stop & Unheard;
  const unheard = await confirmed(
    wait,
    stop.unheard,
    async () => ((await gateway.send({ method: 'GET', path })).body as Stops).unheard,
  );
  if (json) return printJson({ ...stop, unheard });
  show([stop]);
  showUnheard(unheard);
  say('Nothing in it begins from now on. What had begun is listed until it has ended: countersign stops.');
  hint(`countersign lift ${scope} --reason <words>`);
}

/** With `--wait`, asks until there is none, and the exit code says whether that was in time. */
async function confirmed(
  wait: KillOptions['wait'],
  first: Unheard['unheard'],
  ask: () => Promise<Unheard['unheard']>,
): Promise<Unheard['unheard']> {
  if (wait === undefined) return first;
  const unheard = await untilHeard(wait === true ? WAIT_SECONDS : wait, first, ask);
  if (unheard.length > 0) process.exitCode = EXIT.pending;
  else say('Every process has confirmed it.');
  return unheard;
}

/** Past the gateway, by whoever owns the database: nobody of one tenant stops the others. It needs neither gateway nor Temporal. */
async function moveGlobal(closed: boolean, { tenant, by, databaseUrl, reason }: ScopeOptions): Promise<Moved> {
  if (tenant === undefined || by === undefined)
    throw new CommandFailed(EXIT.usage, 'Say whose ledger tells of it (--tenant), and who does this (--by).');
  const url = ownerUrl(readConfig(), databaseUrl);
  const epoch = await asOwner(url, tenant, (client) => moveGlobalFence(client, tenant, { actor: by, reason }, closed));
  return { move: { scope: 'global', closed, epoch }, ask: async () => await asOwner(url, tenant, unheardBy) };
}

async function killGlobal({ wait, json = false, ...options }: KillOptions): Promise<void> {
  const { move, ask } = await moveGlobal(true, options);
  const unheard = await confirmed(wait, await ask(), ask);
  if (json) return printJson({ ...move, unheard });
  say('Nothing begins any more, in any tenant.');
  showUnheard(unheard);
}

async function liftGlobal({ json = false, ...options }: ScopeOptions): Promise<void> {
  const { move } = await moveGlobal(false, options);
  if (json) return printJson(move);
  say('Every tenant may go on. What was stopped does not begin again by itself.');
}

async function lift(scope: string, options: ScopeOptions): Promise<void> {
  if (scope === 'global') return await liftGlobal(options);
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
  const { stops, unheard } = body as Stops;
  if (stops.length === 0) say('Nothing is stopped.');
  else show(stops);
  showUnheard(unheard);
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
