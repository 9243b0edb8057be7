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
  readonly token?: string;
  readonly as?: string;
}

export function withSession(command: Command): Command {
  return command
    .option('--url <url>', 'address of the gateway (default: COUNTERSIGN_URL, or that of the stack on this machine)')
    .option('--token <token>', 'login token of a person, or key of an agent (default: COUNTERSIGN_TOKEN)')
    .option('--as <who>', 'one of the demo logins of the stack on this machine: alice, bob, carol, agent')
    .option('--json', 'data as JSON on stdout');
}

/** Whoever is named by --token, --as or COUNTERSIGN_TOKEN, in this order; else the demo's agent, where a command is an agent's. */
export function openSession({ url, token, as }: SessionOptions, otherwise?: 'agent'): GatewayConnection {
  const config = readConfig();
  const who = as ?? (config.client.token === undefined ? otherwise : undefined);
  const secret = token ?? (who === undefined ? config.client.token : demoLogin(config, who));
  if (secret === undefined) {
    throw new CommandFailed(
      EXIT.usage,
      'Say who you are: --token <token>, COUNTERSIGN_TOKEN, or with the stack on this machine --as bob.',
    );
  }
  return new GatewayConnection(gatewayUrl(config, url), secret);
}

/** The gateway that is named, or that of the stack on this machine. */
export function gatewayUrl(config: Config, url: string | undefined): string {
  return url ?? config.client.url ?? localGateway(config);
}

/** Where the stack of this home says that it listens; else where one would, so that the error names an address. */
function localGateway({ home, port }: Config): string {
  return publishedAddresses(home)?.gateway ?? `http://127.0.0.1:${port}`;
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
