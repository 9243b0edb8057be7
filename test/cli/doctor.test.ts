import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { type MailDouble, startMailDouble } from '../../demo/doubles/mail/start-mail-double';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { freePort } from '../../config/free-port';
import { addCodecKey, useCodecKey } from '../../stack/codec-file';
import { rotateKey } from '../../stack/rotate-key';
import { waitUntil } from '../../stack/wait-until';
import { takeNamespace } from '../helpers/temporal';
import { type Spine, startSpine } from '../helpers/spine';
import { temporaryDirectory } from '../helpers/temporary-directory';

const SECRET = 'secret-of-the-double';

let slack: SlackDouble;
let mail: MailDouble;
let spine: Spine;
let settings: Readonly<Record<string, string>>;
beforeAll(async () => {
  slack = await startSlackDouble({
    ...{ botToken: 'xoxb-double', signingSecret: SECRET, channels: ['C0DESK'], users: ['U0BOB'] },
    perSecond: 100,
  });
  mail = await startMailDouble();
  spine = await startSpine();
  const { gatewayUrl: gateway, workerUrl: worker, loopsUrl, auditorUrl, ownerUrl } = spine.database;
  settings = {
    ...spine.settings.gateway,
    ...{ DATABASE_URL: ownerUrl, DATABASE_URL_GATEWAY: gateway, DATABASE_URL_WORKER: worker },
    ...{ DATABASE_URL_LOOPS: loopsUrl, DATABASE_URL_AUDITOR: auditorUrl },
    ...{ SLACK_BOT_TOKEN: 'xoxb-double', SLACK_SIGNING_SECRET: SECRET, SLACK_CHANNEL: 'C0DESK' },
    ...{ SLACK_TEAM: slack.workspace.team, SLACK_API_URL: slack.url },
    ...{ SMTP_URL: mail.url, MAIL_FROM: 'c@example.org' },
  };
});
afterAll(async () => {
  await spine.stop();
  await slack.stop();
  await mail.stop();
});

interface Seen {
  readonly code: number;
  readonly text: string;
  /** What is wrong, by check. */
  readonly problems: Readonly<Record<string, string>>;
}

/** The command as a process of its own, told `changed` over the settings; it must not print a secret whatever it finds. */
async function doctor(changed: Readonly<Record<string, string>> = {}, ...args: readonly string[]): Promise<Seen> {
  return await doctorUnder([], changed, args);
}

/** The same, started by another program. */
async function doctorUnder(
  launcher: readonly string[],
  changed: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<Seen> {
  const env = { PATH: process.env['PATH'], ...settings, ...changed };
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const { code, text } = await new Promise<{ code: number; text: string }>((resolve) => {
    const [program = '', ...words] = [...launcher, process.execPath, main, 'doctor', ...args];
    execFile(program, words, { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr }),
    );
  });
  for (const secret of secretsOf(env)) expect(text).not.toContain(secret);
  if (!args.includes('--json')) return { code, text, problems: {} };
  const { findings } = JSON.parse(text) as { findings: { check: string; state: string; says: string }[] };
  const problems = findings.filter(({ state }) => state === 'problem').map(({ check, says }) => [check, says]);
  return { code, text, problems: Object.fromEntries(problems) as Record<string, string> };
}

function secretsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const urls = Object.values(env).filter((value): value is string => value !== undefined && URL.canParse(value));
  const passwords = urls.map((url) => new URL(url).password).filter((word) => word !== '');
  const codec = JSON.parse(readFileSync(join(spine.home, 'keys', 'codec.json'), 'utf8')) as { keys: object };
  return [...passwords, SECRET, 'xoxb-double', ...(Object.values(codec.keys) as string[])];
}

async function asSuperuser(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: spine.database.superuserUrl });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** A port that takes connections and never says a word. */
async function silent(): Promise<{ readonly port: string; close(): void }> {
  const server = createServer((socket) => void socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: String((server.address() as AddressInfo).port), close: () => server.close() };
}

function at(url: string, { port, password }: { readonly port?: string; readonly password?: string }): string {
  const result = new URL(url);
  if (port !== undefined) result.port = port;
  if (password !== undefined) result.password = password;
  return result.href;
}

test('where nothing is wrong it says so of each thing, and exits with 0', async () => {
  const { code, text } = await doctor();
  expect(text).not.toContain('PROBLEM');
  for (const line of [
    'settings: can be used',
    'disk: ',
    'keys: bundle ',
    'keys of payloads: k1; k1 encrypts',
    ...['owner', 'gateway', 'worker', 'loops', 'auditor'].map((role) => `database, as ${role}: logs in`),
    'bundle: version',
    'migrations and policy in force: 00',
    'Temporal: the namespace',
    'workers: actions',
    'gateway: is ready',
    'Slack: the app is in the channel',
    'mail: the server takes our login',
  ])
    expect(text).toContain(`ok       ${line}`);
  expect(code).toBe(0);
  expect(await doctor({}, '--json')).toMatchObject({ code: 0, problems: {} });
});

test('settings that cannot be used are all named, without their values', async () => {
  const { code, text } = await doctor({ DATABASE_URL_WORKER: 'mysql://a:hidden-word@b/c', SLACK_CHANNEL: 'desk' });
  expect(code).toBe(1);
  expect(text).toContain('PROBLEM  settings: DATABASE_URL_WORKER is not a Postgres URL');
  expect(text).toContain('PROBLEM  settings: SLACK_CHANNEL is no Slack id');
  expect(text).not.toContain('hidden-word');
});

test('a wrong password, a server that is away and one that never answers are found, each at its role', async () => {
  const mute = await silent();
  const { gatewayUrl, workerUrl, loopsUrl } = spine.database;
  const { code, problems } = await doctor(
    {
      DATABASE_URL_GATEWAY: at(gatewayUrl, { password: 'not-the-word' }),
      DATABASE_URL_WORKER: at(workerUrl, { port: String(await freePort()) }),
      DATABASE_URL_LOOPS: at(loopsUrl, { port: mute.port }),
    },
    '--json',
  );
  mute.close();
  expect(code).toBe(1);
  expect(problems).toMatchObject({
    'database, as gateway': 'cannot be asked (28P01)',
    'database, as worker': 'cannot be asked (ECONNREFUSED)',
    'database, as loops': expect.stringMatching(/^cannot be asked|^does not answer/),
    'migrations and policy in force': 'cannot be asked (28P01)',
  });
  expect(problems).not.toHaveProperty('database, as owner');
});

test('a login that may do the work of another process is a problem, and so is the auditor who may write', async () => {
  const { workerUrl, superuserUrl, loopsUrl } = spine.database;
  const { problems } = await doctor(
    { DATABASE_URL_GATEWAY: workerUrl, DATABASE_URL_LOOPS: superuserUrl, DATABASE_URL_AUDITOR: loopsUrl },
    '--json',
  );
  expect(problems['database, as gateway']).toBe(
    'the login is not countersign_gateway, may not call cast_vote, may call begin_effect, may call activate_bundle',
  );
  expect(problems['database, as loops']).toContain('is a superuser');
  expect(problems['database, as auditor']).toContain('is not read-only');
});

test('a schema that is behind, a policy that is newer and a clock that is off are problems', async () => {
  await asSuperuser(
    'create table kept as select * from schema_migrations where id = (select max(id) from schema_migrations)',
    'delete from schema_migrations where id in (select id from kept)',
  );
  expect((await doctor({}, '--json')).problems).toMatchObject({
    'migrations and policy in force': expect.stringContaining('migrations_behind'),
    gateway: expect.stringContaining('migrations_behind'),
  });
  await asSuperuser('insert into schema_migrations select * from kept', 'drop table kept');

  await asSuperuser(
    `insert into bundles (digest, version, signed) select 'sha256:${'1'.repeat(64)}', max(version) + 1, '{}' from bundles`,
  );
  expect((await doctor({}, '--json')).problems).toMatchObject({
    'migrations and policy in force': expect.stringContaining('bundle_stale'),
  });
  await asSuperuser(
    `alter table bundles disable trigger user`,
    `delete from bundles where digest = 'sha256:${'1'.repeat(64)}'`,
  );

  await asSuperuser(
    `create function public.clock_timestamp() returns timestamptz language sql as $$ select pg_catalog.clock_timestamp() - interval '90 s' $$`,
    `alter role countersign_auditor in database ${spine.database.name} set search_path = public, pg_catalog`,
  );
  const { problems } = await doctor({}, '--json');
  expect(problems['database, as auditor']).toBe('the clocks of the server and of this machine are 90 s apart');
  await asSuperuser(
    `alter role countersign_auditor in database ${spine.database.name} reset search_path`,
    'drop function public.clock_timestamp()',
  );
  expect(await doctor({}, '--json')).toMatchObject({ code: 0 });
});

test('Temporal that is away, that never answers, or that has no workers in the namespace, is found', async () => {
  const mute = await silent();
  for (const port of [String(await freePort()), mute.port]) {
    const { code, problems } = await doctor({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, '--json');
    expect(code).toBe(1);
    expect(Object.keys(problems)).toEqual(['Temporal', 'workers']);
  }
  mute.close();
  const unserved = await doctor({ TEMPORAL_NAMESPACE: takeNamespace().namespace }, '--json');
  expect(unserved.problems).toEqual({ workers: 'nobody asks for tasks of actions, effects, control' });
  expect(Object.keys((await doctor({ TEMPORAL_NAMESPACE: 'nowhere' }, '--json')).problems)).toContain('Temporal');
});

test('a bundle of which one byte was changed, or of another key, is refused', async () => {
  const bundle = join(temporaryDirectory(), 'bundle.json');
  const whole = readFileSync(join(spine.home, 'bundle.json'), 'utf8');
  writeFileSync(
    bundle,
    whole.replace(/"version":(\d+)/, (_all, version: string) => `"version":${version}1`),
  );
  expect((await doctor({ COUNTERSIGN_BUNDLE: bundle }, '--json')).problems).toEqual({
    bundle: 'is refused (signature)',
  });
  const { problems } = await doctor({ COUNTERSIGN_KEYS: keysWith((keys) => void rotateKey(keys, 'bundle')) }, '--json');
  expect(problems).toEqual({ bundle: 'is refused (signature)' });
});

test('keys that are missing, that others may read, that are no pair, or that payloads need, are found', async () => {
  const keys = keysWith((directory) => {
    chmodSync(join(directory, 'effects.key.pem'), 0o644);
    cpSync(join(directory, 'facts.pub.pem'), join(directory, 'checkpoint.pub.pem'));
    writeFileSync(
      join(directory, 'codec.json'),
      JSON.stringify({ current: 'k2', keys: { k2: Buffer.alloc(32, 7).toString('base64') } }),
    );
  });
  const { code, text, problems } = await doctor({ COUNTERSIGN_KEYS: keys }, '--json');
  expect(code).toBe(1);
  expect(text).toContain(`others may read or write ${join(keys, 'effects.key.pem')}`);
  expect(text).toContain('checkpoint.pub.pem is not the public half of checkpoint.key.pem');
  expect(problems['keys of payloads']).toBe('codec.json lacks, or has others for: k1');
  const unregistered = keysWith((directory) => useCodecKey(directory, addCodecKey(directory)));
  expect((await doctor({ COUNTERSIGN_KEYS: unregistered }, '--json')).problems).toEqual({
    'keys of payloads': 'k2 encrypts and is not registered',
  });
  const { text: missing } = await doctor({ COUNTERSIGN_KEYS: temporaryDirectory() }, '--json');
  expect(missing).toContain('lacks bundle.pub.pem, agents.key.pem, facts.key.pem, checkpoint.key.pem, effects.key.pem');
});

test('rights of keys that are handed over read-only, as to a container, are for the machine that hands them over', async () => {
  const keys = keysWith((directory) => chmodSync(join(directory, 'effects.key.pem'), 0o644));
  const alone = ['unshare', '--map-root-user', '--mount'];
  if (spawnSync('unshare', [...alone.slice(1), 'true']).status !== 0)
    return process.stderr.write('skipped: this machine lets nobody mount in a namespace of their own\n');
  const readOnly = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  const rights = async (command: string): Promise<string | undefined> => {
    const launcher = [...alone, 'sh', '-c', command, keys];
    return (await doctorUnder(launcher, { COUNTERSIGN_KEYS: keys }, ['--json'])).problems['keys'];
  };
  expect(await rights('exec "$@"')).toContain('others may read or write');
  expect(await rights(readOnly)).toBeUndefined();
});

/** A copy of the keys in a directory that others may enter. */
function keysWith(change: (keys: string) => void): string {
  const keys = temporaryDirectory();
  cpSync(join(spine.home, 'keys'), keys, { recursive: true });
  chmodSync(keys, 0o755);
  change(keys);
  return keys;
}

test('a channel that the app is not in, a token of nobody, and a mail server that is away, are found', async () => {
  const elsewhere = await doctor(
    { SLACK_CHANNEL: 'C0OTHER', SMTP_URL: `smtp://c:word-of-the-mail@127.0.0.1:${String(await freePort())}` },
    '--json',
  );
  expect(elsewhere.code).toBe(1);
  expect(Object.keys(elsewhere.problems)).toEqual(['Slack', 'mail']);
  const stranger = await doctor({ SLACK_BOT_TOKEN: 'xoxb-another' }, '--json');
  expect(stranger.problems).toEqual({ Slack: 'slack.invalid_auth' });
  expect((await doctor({ SLACK_TEAM: 'T0OTHER' }, '--json')).problems).toEqual({ Slack: 'slack.another_team' });
});

test('a gateway that was killed is found', async () => {
  spine.gateway().kill('SIGKILL');
  await waitUntil(async () => (await doctor({}, '--json')).problems['gateway'] !== undefined, {
    what: 'The gateway still answers',
    withinMs: 20_000,
  });
  await spine.startGateway();
});
