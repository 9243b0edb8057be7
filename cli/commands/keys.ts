import { createPublicKey } from 'node:crypto';
import { Argument, Command } from 'commander';
import { publicKeysOf, SIGNING_KEYS, type SigningKey } from '../../config/public-keys-of';
import { readConfig } from '../../config/read-config';
import { forgetPayloadKey } from '../../db/forget-payload-key';
import { payloadKeyStanding, registerPayloadKey } from '../../db/use-payload-key';
import { fingerprintOf } from '../../evidence/note';
import { addCodecKey, codecKeysIn, dropCodecKey, useCodecKey } from '../../stack/codec-file';
import { rotateKey } from '../../stack/rotate-key';
import { CodecKeysError } from '../../temporal/codec-keys';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { print, printJson, say, table } from '../output';
import { asOwner, ownerUrl } from '../owner-database';

interface Options {
  readonly keys?: string;
  readonly json?: boolean;
  readonly databaseUrl?: string;
}

/** What has to be done before the old key signs no more; docs/keys.md says it with every command. */
const NEXT: Readonly<Record<SigningKey, string>> = {
  agents:
    'Restart the gateways with the new key and retired/, all at once: tokens of the old key go on for ten minutes.',
  bundle: 'Copy bundle.pub.pem and retired/ to gateway and worker, sign the bundle again, and restart both with it.',
  checkpoint: 'Restart the workers. Hand checkpoint.pub.pem to whoever verifies; they keep the old one as well.',
  effects:
    'Copy effects.pub.pem and retired/ to the gateways and restart them; a minute later, when targets have asked for it, the workers with the new key.',
  facts: 'Restart the gateways with the new key and retired/; then the workers.',
};

/** `countersign keys …`: replaces keys in the directory of keys. What runs goes on with the old ones until it is restarted. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('replace keys (docs/keys.md)');
  withKeys(keys.command('list').description('fingerprints of the public keys, and of those before them')).action(list);
  withKeys(keys.command('rotate').description('make a new key, and keep the public half of the old one'))
    .addArgument(new Argument('<key>', 'which one').choices(SIGNING_KEYS))
    .action((name: SigningKey, options: Options) => {
      const number = rotateKey(directoryOf(options), name);
      say(
        `There is a new ${name} key; the old public one is retired/${name}-${String(number)}.pub.pem.\n${NEXT[name]}`,
      );
    });
  const codec = keys.command('codec').description('the keys that encrypt payloads in Temporal');
  withKeys(codec.command('add').description('add one that decodes')).action((options: Options) => {
    print(addCodecKey(directoryOf(options)));
    say('Bring codec.json to every gateway and worker and restart them; then: countersign keys codec use <id>.');
  });
  withOwner(withKeys(codec.command('use').argument('<id>').description('encrypt with this one'))).action(use);
  withOwner(
    withKeys(codec.command('drop').argument('<id>').description('take one away, when no history needs it')),
  ).action(drop);
  return keys;
}

function withKeys(command: Command): Command {
  return command
    .option('--keys <directory>', 'directory of keys (default: COUNTERSIGN_KEYS)')
    .option('--json', 'as JSON');
}

function withOwner(command: Command): Command {
  return command.option(
    '--database-url <url>',
    'of the owner of the database (default: DATABASE_URL, or the stack on this machine)',
  );
}

function directoryOf({ keys }: Options): string {
  return keys ?? readConfig().keys;
}

function list({ json = false, ...options }: Options): void {
  const fingerprint = (pem: string): string => fingerprintOf(createPublicKey(pem));
  const rows = SIGNING_KEYS.map((name) => {
    const { current, retired } = publicKeysOf(directoryOf(options), name);
    return { name, current: fingerprint(current), retired: retired.map(({ pem }) => fingerprint(pem)) };
  });
  if (json) return printJson(rows);
  print(
    table(
      ['key', 'fingerprint', 'before it'],
      rows.map((row) => [row.name, row.current, row.retired.join('\n') || '-']),
    ),
  );
}

/** First the database, then the file: a process that encrypts with a key which is not registered does not start. */
async function use(id: string, { databaseUrl, ...options }: Options): Promise<void> {
  const directory = directoryOf(options);
  const key = codecKeysIn(directory).keys.get(id);
  if (key === undefined) throw new CommandFailed(EXIT.usage, `There is no key ${id} in codec.json.`);
  const url = ownerUrl(readConfig(), databaseUrl);
  if (!(await asOwner(url, 'countersign', (client) => registerPayloadKey(client, id, key))))
    throw new CommandFailed(EXIT.refused, `Payloads were encrypted with another key of the name ${id}.`);
  mending(() => useCodecKey(directory, id));
  say('Bring codec.json to every gateway and worker and restart them. The old key stays: histories need it.');
}

/** First the database, then the file: cut in between, processes still start, with the file as it is or without the key; and again ends it. */
async function drop(id: string, { databaseUrl, ...options }: Options): Promise<void> {
  const directory = directoryOf(options);
  const held = codecKeysIn(directory);
  if (id === held.current) throw new CommandFailed(EXIT.refused, `${id} stays: it is the one that encrypts.`);
  const url = ownerUrl(readConfig(), databaseUrl);
  await asOwner(url, 'countersign', async (client) => {
    // Another database would know nothing of the key, and nothing would seem to need it.
    if ((await payloadKeyStanding(client, held)) !== 'known')
      throw new CommandFailed(EXIT.refused, `${id} stays: this is not the database of processes with this codec.json.`);
    if ((await forgetPayloadKey(client, id)) === 'needed')
      throw new CommandFailed(
        EXIT.refused,
        `${id} stays: something was encrypted with it in the last 30 days, or an action that began while it was used is open or ended in them.`,
      );
  });
  mending(() => dropCodecKey(directory, id));
  say('It is gone. Bring codec.json to every gateway and worker.');
}

function mending(change: () => void): void {
  try {
    change();
  } catch (error) {
    if (error instanceof CodecKeysError) throw new CommandFailed(EXIT.usage, error.message);
    throw error;
  }
}
