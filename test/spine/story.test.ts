import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { packageRoot } from '../../config/paths';
import { type Story } from '../../evidence/story';
import { waitUntil } from '../../stack/wait-until';
import { ended, invoice, type Invoice, largeInvoice, pay, requestOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

/*
 * One action that has nearly everything: countersigned by a person, a booking whose reply was lost and that was reconciled, a payment that was
 * refused, the booking taken back. Told and explained by the built command line, as an auditor would run it.
 */

const MODEL = { model: 'model-7', promptDigest: `sha256:${'ab'.repeat(32)}`, trace: 'task-118' };
const HOSTILE = '<script>alert(1)</script> \u202e"due\' Friday';

let spine: Spine;
let id: string;
let outcome: string;
let shownCard: string;
beforeAll(async () => {
  spine = await startSpine();
  const params = largeInvoice();
  const { erp, payments } = spine.services;
  void erp.faults.failNext({ operation: 'insertBooking', invoiceId: params.invoiceId, how: 'drop-reply' });
  void payments.faults.failNext({ operation: 'createPayment', invoiceId: params.invoiceId, how: 'refuse' });
  id = await submit(params);
  shownCard = await cardShown();
  expect((await vote(spine, 'alice', id, 'approve')).status).toBe(403);
  expect((await vote(spine, 'bob', id, 'approve', { reason: 'I know them' })).status).toBe(200);
  outcome = (await ended(spine, id)).kind;
  await waitUntil(async () => (await story()).proof.coveredTo > ((await story()).timeline.at(-1)?.seq ?? 0), {
    what: 'No checkpoint covered the action',
    withinMs: 30_000,
  });
}, 120_000);
afterAll(async () => await spine.stop());

async function submit(params: Invoice): Promise<string> {
  const response = await fetch(`${spine.gatewayUrl}/v1/actions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${spine.agentKey}`,
      'content-type': 'application/json',
      'idempotency-key': params.invoiceId,
    },
    body: JSON.stringify({ type: 'payments.pay_invoice', params, because: HOSTILE, context: MODEL, waitMs: 0 }),
  });
  return ((await response.json()) as { id: string }).id;
}

/** The digest of the card, as the gateway tells whoever is to decide. */
async function cardShown(): Promise<string> {
  const { request } = await requestOf(spine, id);
  const response = await fetch(`${spine.gatewayUrl}/v1/approvals/${request}`, {
    headers: { authorization: `Bearer ${spine.people.bob.token}` },
  });
  return ((await response.json()) as { cardDigest: string }).cardDigest;
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function countersign(args: readonly string[], env: Readonly<Record<string, string>> = auditor()): Promise<Ran> {
  const all = { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...env };
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env: all, cwd: spine.home }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const auditor = (): Record<string, string> => ({
  COUNTERSIGN_HOME: spine.home,
  DATABASE_URL_AUDITOR: spine.database.auditorUrl,
});

async function story(...more: string[]): Promise<Story> {
  const { out } = await countersign(['actions', 'story', id, '--json', ...more]);
  return JSON.parse(out) as Story;
}

describe('U6 the story of an action, from the ledger alone', () => {
  it('knows who, what, why, by whose leave, what was done and undone, and what proves it: nothing is unknown', async () => {
    expect(outcome).toBe('undone');
    const told = await story();
    expect(told.unknown).toEqual([]);
    expect(JSON.stringify(told)).not.toContain('"unknown":"');
    expect(told.asked).toMatchObject({
      agent: 'invoice-agent',
      owner: 'alice',
      team: 'finance',
      type: 'payments.pay_invoice',
      because: { kind: 'said', value: HOSTILE },
      context: { kind: 'said', value: MODEL },
    });
    expect(told.rounds).toHaveLength(1);
    expect(told.rounds[0]).toMatchObject({
      why: 'requested',
      digest: told.asked?.digest,
      decision: { effect: 'require_approval', chains: ['finance-two'], inputDigest: { kind: 'said' } },
      approval: {
        card: shownCard,
        stages: [{ need: 1, people: 2, eligible: { kind: 'said', value: ['bob', 'carol'] } }],
        excluded: { kind: 'said', value: ['alice'] },
        votes: [
          { person: 'bob', choice: 'approve', channel: 'api', onThisDigest: true, reason: { value: 'I know them' } },
        ],
        refused: [{ person: 'alice', choice: 'approve', code: 'self_approval' }],
        closed: { state: 'approved' },
      },
    });
    expect(told.effects.map(({ step, kind, target, learned }) => [step, kind, target, learned.at(-1)?.state])).toEqual([
      ['book', 'do', 'erp', 'done'],
      ['pay', 'do', 'payments', 'failed'],
      ['book', 'undo', 'erp', 'done'],
    ]);
    expect(told.effects[0]?.learned.at(-1)?.reconciled).toBe(true);
    expect(told.credentials).toHaveLength(3);
    expect(told.credentials.map(({ ended: end }) => end?.by)).not.toContain(undefined);
    expect(told.outcome).toMatchObject({ ending: 'undone' });
    expect(told.proof).toMatchObject({ verified: true, findings: [] });
    expect(told.timeline.every(({ covered }) => covered)).toBe(true);
  });

  it('reads as text and as a page of its own, in which nothing that anybody wrote acts or hides', async () => {
    const text = await countersign(['actions', 'story', id]);
    expect(text.code).toBe(0);
    expect(text.out).toContain('\\u{202e}');
    expect(text.out).not.toContain('\u202e');
    for (const word of ['invoice-agent', 'alice', 'bob', 'model-7', MODEL.promptDigest, 'undone', 'after the request'])
      expect(text.out).toContain(word);
    expect(text.out).not.toMatch(/unknown time|unknown$|does not say/m);
    const page = await countersign(['actions', 'story', id, '--html']);
    expect(page.out).toContain('&lt;script&gt;alert(1)&lt;/script&gt; \\u{202e}&quot;due&#39; Friday');
    expect(page.out).not.toMatch(/<script|\u202e| (src|href)=/);
  });

  it('is told from an export too, on a machine with nothing but a public key; without bodies, less is said', async () => {
    const key = join(spine.home, 'keys', 'checkpoint.pub.pem');
    const nothing = { COUNTERSIGN_HOME: join(spine.home, 'elsewhere') };
    for (const [name, bodies] of [
      ['with.jsonl', ['--with-bodies']],
      ['without.jsonl', []],
    ] as const) {
      const exported = await countersign(['ledger', 'export', '--tenant', 'demo', ...bodies]);
      writeFileSync(join(spine.home, name), exported.out);
    }
    const args = (file: string): string[] => ['actions', 'story', id, '--json', '--export', file, '--public-key', key];
    const withBodies = await countersign(args('with.jsonl'), nothing);
    expect(withBodies.code).toBe(0);
    expect(JSON.parse(withBodies.out)).toEqual({ ...(await story()), proof: expect.anything() });
    const without = JSON.parse((await countersign(args('without.jsonl'), nothing)).out) as Story;
    expect(without).toMatchObject({ unknown: [], asked: { owner: 'alice', because: { kind: 'withheld' } } });
    const forged = await countersign(['actions', 'story', id, '--export', 'with.jsonl'], nothing);
    expect(forged.code).toBe(2); // no key: nothing can be verified
  });

  it('says so when the ledger no longer holds, and when there is no such action', async () => {
    const file = join(spine.home, 'edited.jsonl');
    const { out } = await countersign(['ledger', 'export', '--tenant', 'demo', '--with-bodies']);
    writeFileSync(
      file,
      out.replace('"I know them\\"', '"I knew them\\"').replace('\\"owner\\":\\"alice\\"', '\\"owner\\":\\"dave\\"'),
    );
    const key = join(spine.home, 'keys', 'checkpoint.pub.pem');
    const edited = await countersign(['actions', 'story', id, '--export', file, '--public-key', key]);
    expect([edited.code, edited.out]).toEqual([1, expect.stringContaining('FAILED VERIFICATION')]);
    const nobody = await countersign(['actions', 'story', 'act-00000000-0000-0000-0000-000000000000']);
    expect(nobody).toMatchObject({ code: 2, out: '' });
  });
});

it('U6 no story of an action that has ended leaves anything unknown, however it ended', async () => {
  const denied = await pay(spine, invoice({ vendorId: 'umbrella' }));
  const paid = await pay(spine, invoice());
  const rejected = await pay(spine, largeInvoice(), { waitMs: 0 });
  await vote(spine, 'bob', rejected.id, 'deny');
  const cancelled = await pay(spine, largeInvoice());
  await fetch(`${spine.gatewayUrl}/v1/actions/${cancelled.id}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'not needed any more' }),
  });
  const endings: unknown[] = [];
  for (const { id: each } of [denied, paid, rejected, cancelled]) {
    await ended(spine, each);
    await waitUntil(async () => (await told(each)).outcome !== null, {
      what: 'The ledger heard of no end',
      withinMs: 10_000,
    });
    const { outcome: end, unknown } = await told(each);
    endings.push([end?.ending, unknown]);
  }
  expect(endings).toEqual([
    ['denied', []],
    ['executed', []],
    ['rejected', []],
    ['cancelled', []],
  ]);

  async function told(each: string): Promise<Story> {
    return JSON.parse((await countersign(['actions', 'story', each, '--json'])).out) as Story;
  }
});

describe('P8 the decisions on an action', () => {
  const explain = (...more: string[]): Promise<Ran> => countersign(['actions', 'explain', id, ...more]);

  it('are made again, byte for byte, from what is stored', async () => {
    const { code, out } = await explain();
    expect(out).toContain('the same decision');
    expect(out).not.toContain('NOT the same');
    expect(out).toContain('It is allowed once people have countersigned it: finance-two.');
    expect(code).toBe(0);
    const { same, decisions } = JSON.parse((await explain('--json')).out) as { same: boolean; decisions: unknown[] };
    expect([same, decisions.length]).toEqual([true, 3]); // the decision, and once more before each of two steps
  });

  it.each([
    ['its effect', `update decisions set effect = 'allow', chains = '{}' where stage = 'initial'`],
    ['a finding', `update decisions set findings = jsonb_set(findings, '{0,code}', '"payments.nothing"')`],
    ['what was decided on', `update decisions set input = jsonb_set(input, '{action,params,amountMinor}', '1')`],
    [
      'all of it, as if a budget had refused',
      `update decisions set effect = 'deny', chains = '{}', findings = '[{"code":"budget_exhausted","effect":"deny","message":"It would exceed the spending limit of this window."}]' where stage = 'initial'`,
    ],
    ['the bundle that decided', `update bundles set signed = replace(signed, '"signature":"', '"signature":"AAAA')`],
    ['what the ledger committed to', `update ledger_bodies set body = replace(body, 'inputDigest', 'inputdigest')`],
  ])('are told from a row in which somebody changed %s', async (_, change) => {
    const superuser = new Client({ connectionString: spine.database.superuserUrl });
    await superuser.connect();
    try {
      await superuser.query('create table kept_decisions as table decisions');
      await superuser.query('create table kept_bundles as table bundles');
      await superuser.query('create table kept_bodies as table ledger_bodies');
      await superuser.query('set session_replication_role = replica');
      await superuser.query(change);
      const { code, out } = await explain();
      expect([code, out]).toEqual([1, expect.stringContaining('NOT the same')]);
    } finally {
      for (const [table, kept] of [
        ['decisions', 'kept_decisions'],
        ['bundles', 'kept_bundles'],
        ['ledger_bodies', 'kept_bodies'],
      ] as const) {
        await superuser.query(`delete from ${table}`);
        await superuser.query(`insert into ${table} select * from ${kept}`);
        await superuser.query(`drop table ${kept}`);
      }
      await superuser.end();
    }
    expect((await explain()).code).toBe(0);
  });
});

it('a preview says what is then decided, and leaves nothing behind', async () => {
  const ask = async (
    params: Invoice,
  ): Promise<{ decision: string; chains: string[]; wouldWaitOn: string[]; reasons: { code: string }[] }> => {
    const response = await fetch(`${spine.gatewayUrl}/v1/actions:preview`, {
      method: 'POST',
      headers: { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'payments.pay_invoice', params }),
    });
    return (await response.json()) as never;
  };
  expect(await ask(largeInvoice())).toMatchObject({
    decision: 'require_approval',
    chains: ['finance-two'],
    wouldWaitOn: ['bob', 'carol'],
  });
  expect(await ask(largeInvoice({ amountMinor: 90_000_000 }))).toMatchObject({
    decision: 'deny',
    reasons: [{ code: 'budget_exhausted' }],
  });
  const { rows } = await spine.auditor.query('select count(*)::integer as actions from actions');
  expect(rows).toEqual([{ actions: 5 }]);
});
