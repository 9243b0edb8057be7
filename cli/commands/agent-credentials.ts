import { hash, randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config/read-config';
import {
  type AgentOf,
  issueAgentEnrolment,
  type Managed,
  requireRotation,
  revokeAgentCredential,
} from '../../db/manage-agent-credentials';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say } from '../output';
import { asOwner, ownerUrl } from '../owner-database';

interface Options {
  readonly tenant: string;
  readonly by: string;
  readonly databaseUrl?: string;
  readonly json?: boolean;
}

/** A day: what is stolen from an agent that nobody runs any more ends by itself. */
const DEFAULT_HOURS = 24;
/** As the database has it: by then somebody has looked at a machine that stopped renewing its key. */
const MAX_HOURS = 168;

/** `countersign agents credential …`: the keys that agents make for themselves. For whoever owns the database. */
export function agentCredentialCommand(): Command {
  const credential = new Command('credential').description(
    'let an agent register a key of its own, have it register another, or end its keys',
  );
  asOwnerOf(credential.command('issue').argument('<agent>').description('a secret by which it registers a key, once'))
    .option('--hours <n>', `how long a key is good for, ${String(MAX_HOURS)} at most`, hours, DEFAULT_HOURS)
    .action(issue);
  asOwnerOf(credential.command('rotate').argument('<agent>').description('have it register another key soon'))
    .requiredOption('--reason <text>', 'why')
    .action(rotate);
  asOwnerOf(credential.command('revoke').argument('<agent>').description('end its keys and their tokens at once'))
    .requiredOption('--reason <text>', 'why')
    .option('--key <id>', 'that one alone')
    .action(revoke);
  return credential;
}

function asOwnerOf(command: Command): Command {
  return command
    .requiredOption('--tenant <id>', 'whose agent')
    .requiredOption('--by <person>', 'who does this: somebody who operates the agent, or owns it')
    .option(
      '--database-url <url>',
      'of the owner of the database (default: DATABASE_URL, or the stack on this machine)',
    )
    .option('--json', 'data as JSON on stdout');
}

function hours(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_HOURS) return number;
  throw new InvalidArgumentError(`Write a whole number of hours, 1 to ${String(MAX_HOURS)}.`);
}

async function issue(agent: string, options: Options & { readonly hours: number }): Promise<void> {
  const secret = `countersign_enrol_${randomBytes(32).toString('base64url')}`;
  const secretHash = hash('sha256', secret, 'buffer');
  await manage(agent, options, (client, of) => issueAgentEnrolment(client, of, secretHash, options.hours));
  if (options.json === true) printJson({ agent, secret });
  else print(secret);
  say(
    `It works once, for 15 minutes. Whoever has it can act as ${agent}: hand it to where that runs, and to nobody else.`,
  );
  hint(`countersign agents enrol ${agent} --secret … --out <file>`);
}

async function rotate(agent: string, options: Options & { readonly reason: string }): Promise<void> {
  await manage(agent, options, (client, of) => requireRotation(client, of, options.reason));
  if (options.json === true) printJson({ agent, rotation: 'required' });
  else say(`${agent} hears of it with its next token, within ten minutes, and registers another key.`);
}

async function revoke(
  agent: string,
  options: Options & { readonly reason: string; readonly key?: string },
): Promise<void> {
  await manage(agent, options, (client, of) => revokeAgentCredential(client, of, options.key, options.reason));
  if (options.json === true) printJson({ agent, revoked: options.key ?? 'all' });
  else
    say(`Worth nothing from now on, with the tokens that were given for it. To let ${agent} in again, issue a secret.`);
}

type Work = (client: Parameters<typeof requireRotation>[0], of: AgentOf) => Promise<Managed>;

async function manage(agent: string, { tenant, by, databaseUrl }: Options, work: Work): Promise<void> {
  const of = { tenant, actor: by, agent };
  const result = await asOwner(ownerUrl(readConfig(), databaseUrl), tenant, (client) => work(client, of));
  if (result !== 'done') throw new CommandFailed(EXIT.refused, WHY[result](agent, by));
}

const WHY: Readonly<Record<Exclude<Managed, 'done'>, (agent: string, by: string) => string>> = {
  not_found: (agent) => `There is no agent ${agent} of whom that could be done.`,
  forbidden: (agent, by) => `${by} is no active person who operates ${agent} or owns it.`,
  reason_required: () => 'Say why: --reason.',
  agent_state_forbids: (agent) => `${agent} is not let in, is quarantined, or leaves.`,
};
