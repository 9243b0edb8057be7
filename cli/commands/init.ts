import { hash, randomBytes } from 'node:crypto';
import { Command } from 'commander';
import { GatewayConnection } from '../../client/gateway-connection';
import { readConfig } from '../../config/read-config';
import { offerInitLink } from '../../db/offer-init-link';
import { ID_PATTERN } from '../../domain/ids';
import { isMailAddress, isPersonName } from '../../domain/mail-address';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say } from '../output';
import { asOwner, ownerUrl } from '../owner-database';
import { ADMIN_URL_OPTION, adminUrl } from '../session';

interface Options {
  readonly admin?: string;
  readonly tenant: string;
  readonly person?: string;
  readonly name?: string;
  readonly databaseUrl?: string;
  readonly redeem?: string;
  readonly adminUrl?: string;
  readonly json?: boolean;
}

/** `countersign init`: how the first admin of a tenant comes in. Whoever owns the database makes a secret; whoever has it redeems it at the gateway. */
export function initCommand(): Command {
  return new Command('init')
    .description('make the first admin of a tenant')
    .option('--admin <mail>', 'make a secret for this person, good for 15 minutes and one use')
    .option('--tenant <id>', 'which tenant; it is made if there is none of that name', 'main')
    .option('--person <id>', "the person's id (default: what stands before the @)")
    .option('--name <name>', "the person's name (default: their id)")
    .option(
      '--database-url <url>',
      'of the owner of the database (default: DATABASE_URL, or the stack on this machine)',
    )
    .option('--redeem <secret>', 'become the admin, and be shown a login token once')
    .option(...ADMIN_URL_OPTION)
    .option('--json', 'data as JSON on stdout')
    .action(init);
}

async function init({ admin, redeem, ...options }: Options): Promise<void> {
  if ((admin === undefined) === (redeem === undefined))
    throw new CommandFailed(EXIT.usage, 'Give one of --admin <mail> and --redeem <secret>.');
  if (admin !== undefined) await offer(admin, options);
  else if (redeem !== undefined) await become(redeem, options);
}

async function offer(address: string, { tenant, databaseUrl, json = false, ...given }: Options): Promise<void> {
  const person = given.person ?? address.split('@')[0]?.toLowerCase() ?? '';
  const name = given.name ?? person;
  if (!isMailAddress(address)) throw new CommandFailed(EXIT.usage, 'This is no plain mail address: name@example.org.');
  for (const [what, id] of Object.entries({ tenant, person }))
    if (!ID_PATTERN.test(id))
      throw new CommandFailed(EXIT.usage, `--${what}: use 1 to 63 lower-case letters, digits and hyphens.`);
  if (!isPersonName(name)) throw new CommandFailed(EXIT.usage, '--name: one line, without < > @ and quotation marks.');
  const secret = `countersign_init_${randomBytes(32).toString('base64url')}`;
  const secretHash = hash('sha256', secret, 'buffer');
  const offered = await asOwner(ownerUrl(readConfig(), databaseUrl), tenant, (client) =>
    offerInitLink(client, tenant, { person, name, address, secretHash }),
  );
  if (!offered) throw new CommandFailed(EXIT.refused, `${tenant} has an admin already; ask them to propose another.`);
  if (json) printJson({ tenant, person, secret });
  else print(secret);
  say(`Whoever has this becomes the admin ${person} of ${tenant}, once, within 15 minutes. Hand it to them alone.`);
  hint('countersign init --redeem <secret>');
}

async function become(secret: string, { adminUrl: url, json = false }: Options): Promise<void> {
  // The secret is good for one use, so that a lost answer must not send it again.
  const gateway = new GatewayConnection(adminUrl(readConfig(), url), secret, 0);
  const { body } = await gateway.send({ method: 'POST', path: '/v1/init', body: { secret } });
  const { tenant, person, token } = body as {
    readonly tenant: string;
    readonly person: string;
    readonly token: string;
  };
  if (json) return printJson({ tenant, person, token });
  print(token);
  say(`You are ${person}, the admin of ${tenant}. This login is shown once; it is good for 30 days.`);
  hint('COUNTERSIGN_TOKEN=<token> countersign people list');
}
