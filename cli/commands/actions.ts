import { Command } from 'commander';
import pc from 'picocolors';
import { type GatewayConnection } from '../../client/gateway-connection';
import { visibleText } from '../../domain/visible-text';
import { hint, print, printJson, say, table } from '../output';
import { ADMIN_URL_OPTION, openAdminSession, openSession, type SessionOptions, withSession } from '../session';
import { type ExplainOptions } from './actions-explain';
import { actionsStory } from './actions-story';
import { withSourceOptions, withVerifyingOptions } from './ledger-sources';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

/** `countersign actions …`: for an agent its own, for an operator everybody's. */
export function actionsCommand(): Command {
  const actions = new Command('actions').description(
    'see and cancel actions: an operator those of every agent, an agent its own; tell and explain them, as an auditor',
  );
  withBoth(actions.command('list').description('the newest actions'))
    .option('--state <state>', 'only those in this state, for operators')
    .action(list);
  withBoth(actions.command('show').argument('<id>').description('everything that is stored about an action')).action(
    show,
  );
  withVerifyingOptions(actions.command('story').argument('<id>'))
    .description('tell an action from the ledger alone: who, what, why, by whose leave, what was done, what proves it')
    .option('--export <file>', 'from a file made by ledger export, without any database')
    .option('--tenant <id>', 'whose ledger, where the database holds several')
    .option('--json', 'the story as JSON')
    .option('--html', 'the story as one HTML file that needs nothing else')
    .action(actionsStory);
  withSourceOptions(actions.command('explain').argument('<id>'))
    .description(
      'print the decisions on an action, and make them again from what is stored; exit code 1 if one differs',
    )
    .option('--bundle-key <file>', 'public key of bundles, PEM (default: bundle.pub.pem among the keys)')
    .option('--tenant <id>', 'whose action, where the database holds several tenants')
    .option('--json', 'the decisions as JSON')
    // It alone needs the policy engine, which takes a quarter of a second to load.
    .action(async (id: string, options: ExplainOptions) =>
      (await import('./actions-explain.js')).actionsExplain(id, options),
    );
  withBoth(actions.command('cancel').argument('<id>').description('ask that an action end before anything happens'))
    .option('--reason <words>', 'why', 'cancelled from the command line')
    .action(cancel);
  return actions;
}

/** Where the caller's actions are. */
async function actionsOf(session: SessionOptions): Promise<{ readonly at: GatewayConnection; readonly root: string }> {
  const gateway = openSession(session);
  const { body } = await gateway.send({ method: 'GET', path: '/v1/me' });
  return (body as { kind: string }).kind === 'agent'
    ? { at: gateway, root: '/v1/actions' }
    : { at: openAdminSession(session), root: '/v1/admin/actions' };
}

function withBoth(command: Command): Command {
  return withSession(command).option(...ADMIN_URL_OPTION);
}

interface Listed {
  readonly id: string;
  readonly type: string;
  readonly createdAt: string;
  readonly outcome: { readonly kind: string; readonly say: string; readonly waitingOn?: readonly string[] };
}

async function list({ state, json = false, ...session }: Options & { readonly state?: string }): Promise<void> {
  const { at, root } = await actionsOf(session);
  const { body } = await at.send({
    method: 'GET',
    path: `${root}?limit=50${state === undefined ? '' : `&state=${encodeURIComponent(state)}`}`,
  });
  if (json) return printJson(body);
  const { actions, nextCursor } = body as { readonly actions: readonly Listed[]; readonly nextCursor: string | null };
  if (actions.length === 0) return say('There are none.');
  print(
    table(
      ['action', 'type', 'asked at', 'outcome'],
      actions.map(({ id, type, createdAt, outcome }) => [
        id,
        type,
        createdAt,
        [outcome.kind, ...(outcome.waitingOn ?? [])].join(' '),
      ]),
    ),
  );
  if (nextCursor !== null) say('There are more; these are the newest.');
  hint(`countersign actions show ${actions[0]?.id ?? '<id>'}`, session);
}

async function show(id: string, { json = false, ...session }: Options): Promise<void> {
  const { at, root } = await actionsOf(session);
  const { body } = await at.send({ method: 'GET', path: `${root}/${encodeURIComponent(id)}` });
  if (json) return printJson(body);
  const { outcome, ...rest } = body as Listed & Readonly<Record<string, unknown>>;
  print(`${pc.bold(outcome.kind)}: ${visibleText(outcome.say)}`);
  for (const [name, value] of Object.entries(rest)) print(lines(name, value));
}

/** A list with an element a line, anything else on one line. */
function lines(name: string, value: unknown): string {
  if (!Array.isArray(value))
    return `${name}: ${visibleText(typeof value === 'string' ? value : JSON.stringify(value))}`;
  if (value.length === 0) return `${name}: none`;
  return [`${name}:`, ...value.map((each: unknown) => `  ${visibleText(JSON.stringify(each))}`)].join('\n');
}

async function cancel(
  id: string,
  { reason, json = false, ...session }: Options & { readonly reason: string },
): Promise<void> {
  const { at, root } = await actionsOf(session);
  const { body } = await at.send({
    method: 'POST',
    path: `${root}/${encodeURIComponent(id)}/cancel`,
    body: { reason },
  });
  if (json) printJson(body);
  else say('It was asked to end. What has begun goes on; the outcome says which came first.');
  hint(`countersign actions show ${id}`, session);
}
