import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { parse } from 'yaml';
import { AGENT_STATES } from '../../domain/agent-life';
import { allPages } from '../all-pages';
import { hint, print, printJson, say, table } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

export interface ReasonOptions extends Options {
  readonly reason: string;
}

export interface Agent {
  readonly id: string;
  readonly generation: number;
  readonly state: string;
  readonly stateSince: string;
  readonly owner: string;
  readonly team: string;
  readonly environment: string;
  readonly purpose: string | null;
  readonly riskTier: string | null;
  readonly roles: readonly string[];
  readonly dataScopes: readonly string[];
  readonly version: string;
  readonly parent: string | null;
  readonly openActions: number;
  readonly liveGrants: number;
  readonly receipt: string | null;
}

/** What each verb does, in words; the verbs are the moves that the gateway takes. */
const MOVES = {
  throttle: 'slow an agent down: six requests a minute',
  restrict: 'let an agent read, and nothing else',
  'ask-always': 'have people countersign everything that an agent does',
  pause: 'hold what an agent has not begun',
  quarantine: 'stop an agent because of what it did; it takes two people to resume it',
  resume: 'let an agent act again',
  offboard: 'take an agent out of service for good, with a receipt',
} as const;

/** `countersign agents create|list|show|pause|…`: agents and their lives. */
export function addAgentLives(agents: Command): void {
  reasoned(agents.command('create').description('register an agent; another person has to let it in'))
    .requiredOption('-f, --file <file>', 'the agent as YAML or JSON')
    .option('--parent <agent>', 'the agent that it comes from: what stops that one stops it')
    .action(create);
  withAdminSession(agents.command('list').description('list agents'))
    .addOption(new Option('--state <state>', 'in this state alone').choices(AGENT_STATES))
    .option('--owner <person>', 'of this person alone')
    .option('--team <team>', 'of this team alone')
    .action(list);
  withAdminSession(agents.command('show').argument('<agent>').description('show one')).action(show);
  for (const [verb, description] of Object.entries(MOVES)) {
    const command = reasoned(agents.command(verb).argument('<agent>').description(description));
    if (verb === 'resume') command.option('--owner <person>', 'out of quarantine: who owns it from then on');
    command.action((agent: string, { owner, ...options }: ReasonOptions & Filter) =>
      move(agent, { do: verb.replace('-', '_'), owner }, options),
    );
  }
  reasoned(agents.command('except').argument('<agent>').argument('<subject>', 'an action or a credential'))
    .description('answer for what an offboarding cannot settle; the receipt names you')
    .action((agent: string, subject: string, options: ReasonOptions) =>
      send(agentPath(agent, 'exceptions'), { subject }, options),
    );
}

export function reasoned(command: Command): Command {
  return withAdminSession(command).requiredOption('--reason <words>', 'why; it is kept beside the ledger');
}

export const agentPath = (agent: string, below?: string): string =>
  `/v1/admin/agents/${encodeURIComponent(agent)}${below === undefined ? '' : `/${below}`}`;

export async function send(
  path: string,
  what: object,
  { reason, json = false, ...session }: ReasonOptions,
): Promise<void> {
  const { body } = await openAdminSession(session).send({ method: 'POST', path, body: { ...what, reason } });
  if (json) return printJson(body);
  const { agent = body, proposal } = body as { readonly agent?: Agent; readonly proposal?: string };
  print(listed([agent as Agent]));
  if (proposal === undefined) return;
  say('It takes another person, who is not concerned, to confirm this.');
  hint(`countersign proposals confirm ${proposal} --reason <words>`);
}

async function create({
  file,
  parent,
  ...options
}: ReasonOptions & { readonly file: string; readonly parent?: string }): Promise<void> {
  const agent = parse(readFileSync(file, 'utf8')) as object;
  await send('/v1/admin/agents', { ...agent, ...(parent !== undefined && { parent }) }, options);
}

async function move(
  agent: string,
  what: { readonly do: string; readonly owner: string | undefined },
  options: ReasonOptions,
): Promise<void> {
  await send(agentPath(agent, 'moves'), what, options);
  if (what.do === 'offboard' && options.json !== true) hint(`countersign agents show ${agent}`);
}

type Filter = Partial<Record<'state' | 'owner' | 'team', string>>;

async function list({ json = false, state, owner, team, ...session }: Options & Filter): Promise<void> {
  const filter = {
    ...(state !== undefined && { state }),
    ...(owner !== undefined && { owner }),
    ...(team !== undefined && { team }),
  };
  const agents = await allPages<Agent>(openAdminSession(session), '/v1/admin/agents', 'agents', filter);
  if (json) return printJson({ agents });
  if (agents.length === 0) return say('There are none.');
  print(listed(agents));
}

async function show(id: string, { json = false, ...session }: Options): Promise<void> {
  const { body } = await openAdminSession(session).send({ method: 'GET', path: agentPath(id) });
  if (json) return printJson(body);
  const agent = body as Agent;
  const rows: [string, string][] = [
    ['agent', `${agent.id}, generation ${String(agent.generation)}`],
    ['state', `${agent.state}, since ${agent.stateSince}`],
    ['owner', agent.owner],
    ['team', `${agent.team}, in ${agent.environment}`],
    ['purpose', agent.purpose ?? '-'],
    ['risk', agent.riskTier ?? '-'],
    ['roles', agent.roles.join(', ') || '-'],
    ['data', agent.dataScopes.join(', ') || '-'],
    ['version', agent.version],
    ['parent', agent.parent ?? '-'],
    ['open', `${String(agent.openActions)} actions, ${String(agent.liveGrants)} credentials`],
    ['receipt', agent.receipt ?? '-'],
  ];
  print(table(['', ''], rows));
  if (agent.receipt !== null) hint(`countersign receipt export ${agent.id} --tenant <tenant>`);
}

function listed(agents: readonly Agent[]): string {
  return table(
    ['agent', 'state', 'owner', 'team', 'version', 'open'],
    agents.map((agent) => [
      agent.generation === 1 ? agent.id : `${agent.id} (${String(agent.generation)})`,
      agent.state,
      agent.owner,
      agent.team,
      agent.version,
      `${String(agent.openActions)} actions, ${String(agent.liveGrants)} credentials`,
    ]),
  );
}
