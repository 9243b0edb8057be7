import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command } from 'commander';
import { GatewayConnection } from '../client/gateway-connection';
import { type Config } from '../config/config';
import { readConfig } from '../config/read-config';
import { publishedAddresses } from '../stack/published-addresses';
import { CommandFailed } from './command-failed';
import { EXIT } from './exit-codes';

/** How a command says whom it speaks to, and as whom. */
export interface SessionOptions {
  readonly url?: string;
  readonly adminUrl?: string;
  readonly token?: string;
  readonly as?: string;
}

const URL_OPTION = [
  '--url <url>',
  'address of the gateway (default: COUNTERSIGN_URL, or that of the stack on this machine)',
] as const;

export const ADMIN_URL_OPTION = [
  '--admin-url <url>',
  'address for operators (default: COUNTERSIGN_ADMIN_URL, or that of the stack on this machine)',
] as const;

export function withSession(command: Command): Command {
  return withLogin(command.option(...URL_OPTION));
}

/** For what operators do, which the gateway answers at an address of its own. */
export function withAdminSession(command: Command): Command {
  return withLogin(command.option(...ADMIN_URL_OPTION));
}

function withLogin(command: Command): Command {
  return command
    .option('--token <token>', 'login token of a person, or key of an agent (default: COUNTERSIGN_TOKEN)')
    .option('--as <who>', 'one of the demo logins of the stack on this machine: alice, bob, carol, agent')
    .option('--json', 'data as JSON on stdout');
}

/** Whoever is named by --token, --as or COUNTERSIGN_TOKEN, in this order; else the demo's agent, where a command is an agent's. */
export function openSession({ url, ...who }: SessionOptions, otherwise?: 'agent'): GatewayConnection {
  const config = readConfig();
  return new GatewayConnection(gatewayUrl(config, url), secretOf(config, who, otherwise));
}

/** The same, at the address for operators. */
export function openAdminSession({ adminUrl: url, ...who }: SessionOptions): GatewayConnection {
  const config = readConfig();
  return new GatewayConnection(adminUrl(config, url), secretOf(config, who));
}

function secretOf(config: Config, { token, as }: SessionOptions, otherwise?: 'agent'): string {
  const who = as ?? (config.client.token === undefined ? otherwise : undefined);
  const secret = token ?? (who === undefined ? config.client.token : demoLogin(config, who));
  if (secret === undefined) {
    throw new CommandFailed(
      EXIT.usage,
      'Say who you are: --token <token>, COUNTERSIGN_TOKEN, or with the stack on this machine --as bob.',
    );
  }
  return secret;
}

/** The gateway that is named, or that of the stack on this machine. */
export function gatewayUrl(config: Config, url: string | undefined): string {
  return url ?? config.client.url ?? localGateway(config);
}

/** Where the stack of this home says that it listens; else where one would, so that the error names an address. */
function localGateway({ home, port }: Config): string {
  return publishedAddresses(home)?.gateway ?? `http://127.0.0.1:${port}`;
}

/** Likewise, for operators. A gateway that is named is no other one's: what is meant for it must not reach the stack on this machine. */
export function adminUrl({ home, admin, client }: Config, url: string | undefined): string {
  const named = url ?? admin.url;
  if (named !== undefined) return named;
  const here = publishedAddresses(home);
  if (client.url !== undefined && client.url !== here?.gateway) {
    throw new CommandFailed(
      EXIT.usage,
      `COUNTERSIGN_URL names ${client.url}, which is not the stack on this machine. Say where it answers operators: --admin-url, COUNTERSIGN_ADMIN_URL.`,
    );
  }
  return here?.admin ?? `http://127.0.0.1:${String(admin.port)}`;
}

interface DemoLogins {
  readonly agentKey: string;
  readonly people: Readonly<Record<string, { readonly token: string }>>;
}

function demoLogin({ home }: Config, who: string): string {
  const path = join(home, 'demo.json');
  if (!existsSync(path)) {
    throw new CommandFailed(
      EXIT.usage,
      `There are no demo logins in ${home}. Start the stack there (countersign dev), or use --token.`,
    );
  }
  const logins = JSON.parse(readFileSync(path, 'utf8')) as DemoLogins;
  const login =
    who === 'agent' ? logins.agentKey : Object.hasOwn(logins.people, who) ? logins.people[who]?.token : undefined;
  if (login === undefined)
    throw new CommandFailed(
      EXIT.usage,
      `There is no demo login ${who}: choose from ${['agent', ...Object.keys(logins.people)].join(', ')}.`,
    );
  return login;
}
