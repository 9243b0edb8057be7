import { readFileSync } from 'node:fs';
import { type Command } from 'commander';
import { parse } from 'yaml';
import { diffFields } from '../../domain/diff-fields';
import { type JsonObject } from '../../domain/json';
import { digestOf } from '../../evidence/digest-of';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { print, printJson, say, table } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { agentPath, reasoned, type ReasonOptions, send } from './agent-lives';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface Version {
  readonly version: string;
  readonly digest: string;
  readonly content: JsonObject;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly inForce: boolean;
}

/** `countersign agents versions …`: what an agent is made of, what changed, and back again. */
export function addAgentVersions(agents: Command): void {
  const versions = agents.command('versions').description('what an agent is made of');
  withAdminSession(versions.command('list').argument('<agent>').description('list them')).action(list);
  withAdminSession(versions.command('diff').argument('<agent>').argument('<before>').argument('<after>'))
    .description('show what differs between two, field by field')
    .action(diff);
  reasoned(versions.command('add').argument('<agent>').argument('<version>').description('register another one'))
    .requiredOption('-f, --file <file>', 'model, prompt, tools and config as YAML or JSON')
    .action((agent: string, version: string, { file, ...options }: ReasonOptions & { readonly file: string }) =>
      send(agentPath(agent, 'versions'), { version, content: parse(readFileSync(file, 'utf8')) as object }, options),
    );
  versions
    .command('digest')
    .description(
      'the digest of what a file describes, which the agent says of itself (COUNTERSIGN_AGENT_CONFIG_DIGEST)',
    )
    .requiredOption('-f, --file <file>', 'as for "create" or for "versions add"')
    .action(({ file }: { readonly file: string }) => print(digestOf('agent-version', contentOf(file))));
  reasoned(
    versions.command('use').argument('<agent>').argument('<version>').description('put one in force again'),
  ).action(use);
}

/** Of a whole agent, or of a version alone. */
function contentOf(file: string): JsonObject {
  const given = parse(readFileSync(file, 'utf8')) as JsonObject;
  return (given['content'] as JsonObject | undefined) ?? given;
}

async function versionsOf(agent: string, session: SessionOptions): Promise<readonly Version[]> {
  const { body } = await openAdminSession(session).send({ method: 'GET', path: agentPath(agent, 'versions') });
  return (body as { readonly versions: readonly Version[] }).versions;
}

async function list(agent: string, { json = false, ...session }: Options): Promise<void> {
  const versions = await versionsOf(agent, session);
  if (json) return printJson({ versions });
  if (versions.length === 0) return say('None was registered.');
  print(
    table(
      ['version', 'model', 'digest', 'registered by', 'at', ''],
      versions.map(({ version, content, digest, registeredBy, registeredAt, inForce }) => [
        version,
        typeof content['model'] === 'string' ? content['model'] : '-',
        digest.slice(0, 19),
        registeredBy,
        registeredAt,
        inForce ? 'in force' : '',
      ]),
    ),
  );
}

async function diff(
  agent: string,
  before: string,
  after: string,
  { json = false, ...session }: Options,
): Promise<void> {
  const versions = await versionsOf(agent, session);
  const differences = diffFields(named(versions, before).content, named(versions, after).content);
  if (json) return printJson({ differences });
  if (differences.length === 0) return say('They are the same.');
  const text = (value: unknown): string => (value === undefined ? '-' : JSON.stringify(value));
  print(
    table(
      ['field', before, after],
      differences.map((each) => [each.path, text(each.before), text(each.after)]),
    ),
  );
}

async function use(agent: string, version: string, { reason, json = false, ...session }: ReasonOptions): Promise<void> {
  const { content } = named(await versionsOf(agent, session), version);
  await send(agentPath(agent, 'versions'), { version, content }, { reason, json, ...session });
}

function named(versions: readonly Version[], name: string): Version {
  const found = versions.find(({ version }) => version === name);
  if (found === undefined)
    throw new CommandFailed(
      EXIT.refused,
      `There is no version ${name}; there are ${versions.map((v) => v.version).join(', ') || 'none'}.`,
    );
  return found;
}
