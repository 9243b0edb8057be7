import { hash, randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config/read-config';
import { issueAgentKey, revokeAgentKey } from '../../db/change-agent-keys';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say } from '../output';
import { asOwner, ownerUrl } from '../owner-database';
import { agentCredentialCommand } from './agent-credentials';
import { agentEnrolCommand } from './agent-enrol';
import { addAgentLives } from './agent-lives';
import { addAgentReviews } from './agent-reviews';
import { addAgentVersions } from './agent-versions';

interface Options {
  readonly tenant: string;
  readonly by: string;
  readonly databaseUrl?: string;
  readonly json?: boolean;
}

/** Long enough for a quarter's work, short enough that replacing it stays a habit; a year is the most. */
const DEFAULT_DAYS = 90;
const MAX_DAYS = 365;

/** `countersign agents …`. Keys are for whoever owns the database; the rest is asked of the gateway. */
export function agentsCommand(): Command {
  const agents = new Command('agents').description(
    'register agents, say what they may do, and take them out of service',
  );
  addAgentLives(agents);
  addAgentVersions(agents);
  addAgentReviews(agents);
  agents.addCommand(agentCredentialCommand());
  agents.addCommand(agentEnrolCommand());
  const key = agents
    .command('key')
    .description('static keys, for development alone: issue one, or end one; two at once are good');
  asOwnerOf(key.command('issue').argument('<agent>').description('issue one for development; it is shown once'))
    .option('--days <n>', `how long it is good for, ${String(MAX_DAYS)} at most`, days, DEFAULT_DAYS)
    .action(issue);
  asOwnerOf(key.command('revoke').argument('<key>').description('end one, by its id')).action(revoke);
  return agents;
}

function asOwnerOf(command: Command): Command {
  return command
    .requiredOption('--tenant <id>', 'whose agent')
    .requiredOption('--by <person>', 'who does this; they may not decide on what the agent asks')
    .option(
      '--database-url <url>',
      'of the owner of the database (default: DATABASE_URL, or the stack on this machine)',
    )
    .option('--json', 'data as JSON on stdout');
}

function days(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= MAX_DAYS) return number;
  throw new InvalidArgumentError(`Write a whole number of days, 1 to ${String(MAX_DAYS)}.`);
}

async function issue(
  agent: string,
  { tenant, by, databaseUrl, json = false, ...given }: Options & { readonly days: number },
): Promise<void> {
  const secret = `countersign_agent_${randomBytes(32).toString('base64url')}`;
  const key = { agent, keyHash: hash('sha256', secret, 'buffer'), issuedBy: by, days: given.days };
  const id = await asOwner(ownerUrl(readConfig(), databaseUrl), tenant, (client) => issueAgentKey(client, tenant, key));
  if (id === undefined)
    throw new CommandFailed(EXIT.refused, `There is no active agent ${agent} in ${tenant}, or no active person ${by}.`);
  if (json) printJson({ id, secret });
  else print(secret);
  say(
    `Key ${id} of ${agent} is good for ${String(given.days)} days. It is for development: production does not start beside it. Hand it to the agent alone; the keys before it go on until they are revoked.`,
  );
  hint(`countersign agents key revoke <old key> --tenant ${tenant} --by ${by}`);
}

async function revoke(id: string, { tenant, by, databaseUrl, json = false }: Options): Promise<void> {
  const revoked = await asOwner(ownerUrl(readConfig(), databaseUrl), tenant, (client) =>
    revokeAgentKey(client, tenant, id, by),
  );
  if (!revoked) throw new CommandFailed(EXIT.refused, `There is no key ${id} in ${tenant} that is good.`);
  if (json) printJson({ revoked: id });
  else say(`Key ${id} is good for nothing from now on.`);
}
