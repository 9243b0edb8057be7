import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { Pool } from 'pg';
import { Countersign } from '../../client';
import { packageRoot } from '../../config/paths';
import { type MailDouble, startMailDouble } from '../../demo/doubles/mail/start-mail-double';
import { type SlackDouble, startSlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { waitUntil } from '../../stack/wait-until';
import { actionWorkflowId, SEARCH_ATTRIBUTES } from '../../workflows/contract/names';
import { policyDirectory } from '../bundle/policy-directory';
import { checkInvariants } from '../helpers/check-invariants';
import { clientOf } from '../helpers/histories';
import { ended, invoice, largeInvoice, pay, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';
import { createTargetDatabase, type TargetDatabase } from '../helpers/target-database';
import { type World } from '../helpers/world';
import { testServers } from '../setup/servers';
import { type EchoingLine, startEchoingLine } from './echoing-line';
import { filesOfTemporal, formsOf, leaksOf, type Places, placesOf } from './leaks';

/*
 * Everything that Countersign does, once each: three lanes, both channels, approval, denial, undo, lost replies, errors, a worker that is killed.
 * Then all that was written down is searched for every secret that took part.
 */

const canary = (of: string): string => `CANARY-${of}-${randomUUID()}`;
const BOT_TOKEN = `xoxb-${canary('slack-bot-token')}`;
const SIGNING_SECRET = canary('slack-signing-secret');

/** What is no secret to those who decide, and is to everybody else. */
const WORDS = {
  memo: canary('memo'),
  because: canary('because'),
  reason: canary('reason'),
  why: canary('why'),
  file: canary('file').toLowerCase(),
};
const GUESS = canary('guess');

let spine: Spine;
let books: TargetDatabase;
let slack: SlackDouble;
let mail: MailDouble;
let line: EchoingLine;
let superuser: Pool;
let places: Places;
const passwords: string[] = [];
const paid: string[] = [];
const rows: World['rows'] = async (sql, values = []) => (await superuser.query(sql, [...values])).rows as never;

beforeAll(async () => {
  books = await createTargetDatabase();
  [slack, mail] = await Promise.all([
    startSlackDouble({
      ...{ botToken: BOT_TOKEN, signingSecret: SIGNING_SECRET, channels: ['C0DESK'], users: ['U0BOB'] },
      perSecond: 100,
    }),
    startMailDouble(),
  ]);
  spine = await startSpine({
    policies: await policiesOf(books),
    settings: async (_temporal, _database, services) => {
      line = await startEchoingLine(services.payments.url);
      return {
        COUNTERSIGN_TARGET_PAYMENTS: line.url,
        ...{ SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_CHANNEL: 'C0DESK' },
        ...{ SLACK_TEAM: slack.workspace.team, SLACK_TENANT: 'demo', SLACK_API_URL: slack.url },
        ...{ SMTP_URL: mail.url, MAIL_FROM: 'countersign@example.org' },
      };
    },
    workerSettings: {
      COUNTERSIGN_TARGET_BOOKS: books.target.address,
      COUNTERSIGN_SECRET_BOOKS_MINTER: books.minterPassword,
    },
  });
  superuser = new Pool({ connectionString: spine.database.superuserUrl, max: 4 });
  await superuser.query(
    `insert into slack_identities (tenant, slack_team, slack_user, person, linked_by) values ('demo', $1, 'U0BOB', 'bob', 'seed')`,
    [slack.workspace.team],
  );
  await superuser.query(
    `insert into person_addresses (tenant, person, address) values ('demo', 'carol', 'carol@example.org')`,
  );
  await doEverything();
  places = await placesOf({ spine, rows, slack, mail });
}, 240_000);
afterAll(async () => {
  await superuser.end();
  await spine.stop();
  await Promise.all([line.stop(), slack.stop(), mail.stop(), books.drop()]);
});

/** Those of the demo, with the roles of this database. */
async function policiesOf({ target, rows: run }: TargetDatabase): Promise<string> {
  const { post, list } = target.operations;
  const own = (text: string): string =>
    text
      .replaceAll('books_writer', post?.profile ?? '')
      .replaceAll('books_reader', list?.profile ?? '')
      .replaceAll('books_minter', target.minter.role);
  const setup = readFileSync(join(packageRoot(), 'demo', 'books', 'books.sql'), 'utf8');
  const tables = setup.slice(0, setup.indexOf('-- For an agent that looks itself'));
  await run(own(tables));
  await run(own('grant select on accounts, postings to books_reader'));
  const directory = await policyDirectory({});
  cpSync(join(packageRoot(), 'demo', 'policies'), directory, { recursive: true });
  const path = join(directory, 'targets', 'books.yaml');
  writeFileSync(path, own(readFileSync(path, 'utf8')));
  return directory;
}

async function doEverything(): Promise<void> {
  const { memo, because, reason, why, file } = WORDS;
  const paidWith = async (params: Parameters<typeof pay>[1], kind: string): Promise<void> => {
    const { id } = await pay(spine, { ...params, memo }, { because });
    paid.push(id);
    expect((await ended(spine, id, 60_000)).kind).toBe(kind);
  };
  await paidWith(invoice(), 'executed');
  await paidWith(invoice({ vendorId: 'umbrella' }), 'denied');

  // Asked for, in Slack and by mail; countersigned, with words.
  for (const choice of ['approve', 'deny'] as const) {
    const asked = await pay(spine, largeInvoice({ memo }), { because });
    const told = (): boolean =>
      JSON.stringify(slack.book.messages).includes(asked.id) && mail.mails.length > (choice === 'approve' ? 0 : 1);
    await waitUntil(told, { what: 'Nobody was told', withinMs: 30_000 });
    expect((await vote(spine, 'bob', asked.id, choice, { reason })).status).toBe(200);
    expect((await ended(spine, asked.id)).kind).toBe(choice === 'approve' ? 'executed' : 'rejected');
  }

  // Refused with the credential in the refusal, so undone; broken with the credential in the answer, so asked for by key and done again.
  const [refused, broken] = [invoice(), invoice()];
  line.quote(refused.invoiceId, 422);
  await paidWith(refused, 'undone');
  line.quote(broken.invoiceId, 500);
  await paidWith(broken, 'executed');

  // A worker that is killed as it pays.
  const worker = await spine.startWorker('execute:after-external=kill');
  const release = spine.keepWorker();
  await paidWith(invoice(), 'executed');
  expect(await worker.ended).toMatchObject({ signal: 'SIGKILL' });
  release();

  // Posted in a database, under a login for each call.
  const agent = new Countersign({
    ...{ url: spine.gatewayUrl, key: spine.agentKey },
    bundleKey: readFileSync(join(spine.home, 'keys', 'bundle.pub.pem'), 'utf8'),
  });
  const posted = await agent.act(
    'payments.post_and_pay',
    { ...invoice(), account: '6000', memo },
    { key: randomUUID(), because },
  );
  expect(posted.kind).toBe('executed');

  // Lent to the agent.
  const lent = await agent.withGrant(
    'books.read',
    { why },
    { key: randomUUID(), waitMs: 20_000 },
    async (credential) => {
      passwords.push(credential.password);
      const session = await books.loginAs(credential.user, credential.password);
      const { rowCount } = await session.query('select from postings');
      await session.end();
      return { postings: rowCount ?? 0 };
    },
  );
  expect(lent.kind).toBe('executed');

  // Decided in the agent's own process.
  await agent.guard('invoices.read_file', { file: `${file}.xml`, bytes: 2_000 }, () => 'read');
  await agent.close();

  // What strangers send.
  const stranger = { authorization: `Bearer ${GUESS}`, 'content-type': 'application/json' };
  for (const body of [`{"${GUESS}`, JSON.stringify({ type: GUESS, params: { memo: GUESS } })])
    for (const authorization of [stranger.authorization, `Bearer ${spine.agentKey}`])
      await fetch(`${spine.gatewayUrl}/v1/actions`, { method: 'POST', headers: { ...stranger, authorization }, body });
}

/** Every secret by what it is. */
function secrets(): Record<string, string> {
  const keys = join(spine.home, 'keys');
  const lines = (name: string): string => readFileSync(join(keys, name), 'utf8').split('\n')[1] ?? '';
  const codec = JSON.parse(readFileSync(join(keys, 'codec.json'), 'utf8')) as { keys: Record<string, string> };
  const named = (name: string, values: readonly string[]): [string, string][] =>
    values.map((value, index) => [`${name} ${String(index + 1)}`, value]);
  return {
    'the agent’s key': spine.agentKey,
    'the minter’s password': books.minterPassword,
    'Slack’s token': BOT_TOKEN,
    'Slack’s secret': SIGNING_SECRET,
    'what a stranger tried': GUESS,
    ...Object.fromEntries([
      ...Object.entries(spine.people).map(([person, { token }]) => [`${person}’s login`, token] as const),
      ...Object.entries(testServers().passwords).map(
        ([role, password]) => [`the password of ${role}`, password] as const,
      ),
      ...Object.values(codec.keys).map((key) => ['the key of payloads', key] as const),
      ...readdirSync(keys)
        .filter((name) => name.endsWith('.key.pem'))
        .map((name) => [name, lines(name)] as const),
      ...named('a lent password', passwords),
      ...named('a token for one call', [...line.tokens]),
    ]),
  };
}

it('X58 I11 no secret is in any history, table, log, checkpoint, metric, message or mail', () => {
  const sought = secrets();
  expect(Object.keys(sought).length).toBeGreaterThan(25);
  expect(Math.min(...Object.values(sought).map((secret) => secret.length))).toBeGreaterThan(20);
  expect(leaksOf(sought, places)).toEqual([]);
  // Those that nobody but a target ever held: what stores a password, what is sealed for an agent, and what is signed for a call.
  for (const [place, text] of Object.entries(places))
    expect([place, /SCRAM-SHA-256\$|eyJhbGciOiJFQ0RILUVT|eyJhbGciOiJFZERTQSIs/.exec(text)?.[0]]).toEqual([
      place,
      undefined,
    ]);
});

it('X58 X73 what agents and people write is where it must be, and nowhere else', () => {
  const { memo, because, reason, why, file } = WORDS;
  const found = (word: string): string[] => leaksOf({ '': word }, places).map((leak) => leak.replace(' is in ', ''));
  expect(found(memo)).toEqual(expect.arrayContaining(['table actions', 'Slack', 'the mails']));
  expect(found(because)).toEqual(expect.arrayContaining(['table actions', 'Slack', 'the mails']));
  expect(found(reason)).toEqual(expect.arrayContaining(['table votes']));
  for (const word of [memo, because, reason, why, file])
    for (const place of [
      'the histories',
      'the histories, decoded',
      'the files of Temporal',
      'table ledger',
      'the logs',
      'the checkpoints',
      'the metrics',
    ])
      expect(found(word)).not.toContain(place);
});

it('leaves every invariant standing', async () => {
  expect(await checkInvariants({ ...spine, books })).toEqual([]);
});

describe('X58 the search itself', () => {
  it.each([0, 1, 2, 3, 4, 5])('X58 finds a secret in whatever form, after %i other bytes', (before) => {
    const secret = canary('form');
    const text = Buffer.from(`${'x'.repeat(before)}${secret}, and more`);
    for (const form of ['utf8', 'hex', 'base64', 'base64url'] as const)
      expect([form, formsOf(secret).some((each) => text.toString(form).includes(each))]).toEqual([form, true]);
  });

  it('X58 has looked into every place: each holds what must be there', () => {
    const [id = ''] = paid;
    for (const place of [
      'the histories',
      'the histories, decoded',
      'the files of Temporal',
      'table actions',
      'table ledger',
      'table grants',
    ])
      expect([place, places[place]?.includes(id)]).toEqual([place, true]);
    expect(places['the logs']).toContain('the worker runs');
    expect(places['the logs']).toContain('the gateway takes requests');
    expect(places['the metrics']).toContain('countersign_');
    expect(places['the checkpoints']).not.toBe('');
  });

  it('X58 sees what is put into Temporal by hand, wherever Temporal keeps things', async () => {
    const planted = Object.fromEntries(
      ['args', 'memo', 'attribute', 'id', 'summary', 'signal', 'reason', 'heartbeat', 'failure'].map((each) => [
        each,
        canary(each),
      ]),
    );
    expect(leaksOf(planted, places)).toEqual([]);
    const { address, namespace } = spine.temporal;
    let during = '';
    const connection = await Connection.connect({ address });
    const plain = new Client({ connection, namespace });
    try {
      const run = await plain.workflow.start('governedAction', {
        ...{ taskQueue: 'nobody', workflowId: `by-hand-${planted['id'] ?? ''}`, args: [planted['args']] },
        ...{ memo: { text: planted['memo'] }, staticSummary: planted['summary'] ?? '' },
        typedSearchAttributes: [
          {
            key: defineSearchAttributeKey(SEARCH_ATTRIBUTES.agentId, SearchAttributeType.KEYWORD),
            value: planted['attribute'] ?? '',
          },
        ],
      });
      await run.signal('wake', planted['signal']);
      await run.terminate(planted['reason']);
      during = await heartbeatAndFail(plain, planted['heartbeat'] ?? '', planted['failure'] ?? '');
    } finally {
      await connection.close();
    }
    const after = await placesOf({ spine, rows, slack, mail });
    const seen = leaksOf(planted, { 'the files of Temporal': `${during}${after['the files of Temporal'] ?? ''}` });
    expect(seen).toEqual(Object.keys(planted).map((each) => `${each} is in the files of Temporal`));
    const inHistories = leaksOf(planted, {
      decoded: `${after['the histories, decoded'] ?? ''}${after['the histories'] ?? ''}`,
    });
    expect(inHistories).toEqual(
      ['args', 'memo', 'attribute', 'id', 'summary', 'signal', 'reason', 'failure'].map(
        (each) => `${each} is in decoded`,
      ),
    );
  }, 60_000);
});

/** Speaks in the name of an activity whose worker was killed. What Temporal has on file before it hears of the failure, for that ends the heartbeat. */
async function heartbeatAndFail(plain: Client, heartbeat: string, failure: string): Promise<string> {
  const worker = await spine.startWorker('preflight.begin:after-commit=kill');
  const { id } = await pay(spine, invoice(), { waitMs: 0 });
  await worker.ended;
  const client = await clientOf(spine);
  const { raw } = await client.workflow.getHandle(actionWorkflowId('demo', id)).describe();
  await client.connection.close();
  const activity = {
    workflowId: actionWorkflowId('demo', id),
    activityId: raw.pendingActivities?.[0]?.activityId ?? '',
  };
  await plain.activity.heartbeat(activity, heartbeat);
  const during = filesOfTemporal();
  await plain.activity.fail(activity, new Error(failure));
  await spine.startWorker();
  await ended(spine, id, 60_000);
  return during;
}
