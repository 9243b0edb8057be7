import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileCommitted } from '../../bundle/compile-committed';
import { waitUntil } from '../../stack/wait-until';
import { opa, policyDirectory } from '../bundle/policy-directory';
import { clientOf, fetchHistories } from '../helpers/histories';
import { type Asked, ended } from '../helpers/pay';
import { logDirectory } from '../helpers/processes';
import { type Spine, startSpine } from '../helpers/spine';
import { createTargetDatabase, type TargetDatabase } from '../helpers/target-database';

let spine: Spine;
let books: TargetDatabase;

beforeAll(async () => {
  books = await createTargetDatabase();
  const policies = await policyDirectory(policyFiles());
  await compileCommitted(policies, await opa(), { write: true });
  spine = await startSpine({
    policies,
    workerSettings: {
      COUNTERSIGN_TARGET_BOOKS: books.target.address,
      COUNTERSIGN_SECRET_BOOKS_MINTER: books.minterPassword,
    },
  });
}, 60_000);
afterAll(async () => {
  await spine.stop();
  await books.drop();
});

/** Two entries that stand together or not at all. */
function policyFiles(): Readonly<Record<string, string>> {
  const { post, remove } = books.target.operations;
  const target = {
    ...{ kind: 'Target', id: 'books', provider: 'postgres', address: 'postgres://books.invalid/books' },
    minter: books.target.minter,
    operations: {
      post,
      remove,
      postTax: { ...post, params: [{ const: 'tax' }, '/params/taxMinor', '/key'] },
      removeTax: { ...remove, params: ['/steps/tax/id'] },
    },
  };
  return {
    'targets/books.json': JSON.stringify(target),
    'action-types/post.yaml': `
kind: ActionType
id: books.post
version: 1
owner: team:finance
risk: high
effect: compensable
lane: brokered
params:
  type: object
  additionalProperties: false
  required: [account, amountMinor, taxMinor, memo]
  properties:
    account: { type: string, maxLength: 100 }
    amountMinor: { type: integer, minimum: 1, maximum: 1000000 }
    taxMinor: { type: integer, minimum: -1, maximum: 1000000 }
    memo: { type: string, maxLength: 100 }
steps:
  - { id: post, target: books, do: post, undo: remove, verify: { /amountMinor: /params/amountMinor } }
  - { id: tax, target: books, do: postTax, undo: removeTax }
grantTtl: 30s
card:
  headline: 'Post to {account}'
  account: { text: /params/account }
`,
    'packs/org/books.rego': `package packs.org.books

import data.countersign.finding

findings contains finding.allow("books.payer") if "invoice-payer" in input.agent.roles
`,
  };
}

async function post(changes: object = {}, waitMs = 20_000): Promise<Asked & { readonly memo: string }> {
  const memo = randomUUID();
  const response = await fetch(`${spine.gatewayUrl}/v1/actions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${spine.agentKey}`,
      'content-type': 'application/json',
      'idempotency-key': memo,
    },
    body: JSON.stringify({
      type: 'books.post',
      params: { account: 'cash', amountMinor: 100, taxMinor: 19, memo, ...changes },
      waitMs,
    }),
  });
  return { status: response.status, memo, ...((await response.json()) as Omit<Asked, 'status'>) };
}

const entriesOf = ({ memo, id }: { memo: string; id: string }): Promise<object[]> =>
  books.rows('select account from entries where memo = $1 or memo like $2 order by account', [memo, `%${id}%`]);

describe('an action on a database', () => {
  it('is done, and leaves no login role', async () => {
    const posted = await post();
    expect(posted).toMatchObject({
      status: 200,
      outcome: { kind: 'executed', result: { post: { amountMinor: 100, memo: posted.memo } } },
    });
    expect(await entriesOf(posted)).toEqual([{ account: 'cash' }, { account: 'tax' }]);
    expect(await books.jitRoles()).toEqual([]);
  });

  it('is taken back where its second half is refused', async () => {
    const posted = await post({ taxMinor: -1 });
    expect(posted.outcome.kind).toBe('undone');
    expect(await entriesOf(posted)).toEqual([]);
    expect(await books.jitRoles()).toEqual([]);
  });

  it.each([
    ['before it was sent', 'preflight.begin:after-commit'],
    ['after it was committed', 'execute:after-external'],
    ['after its role was ended', 'revoke:after-external'],
  ])('W1 is done once by workers of which one is killed with -9 %s', async (_, point) => {
    const worker = await spine.startWorker(`${point}=kill`);
    const release = spine.keepWorker();
    const posted = await post({}, 100);
    expect(await ended(spine, posted.id)).toMatchObject({ kind: 'executed' });
    expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
    release();
    expect(await entriesOf(posted)).toEqual([{ account: 'cash' }, { account: 'tax' }]);
    await waitUntil(async () => (await books.jitRoles()).length === 0, { what: 'A role is left', withinMs: 20_000 });
  });

  it('X54 leaves no role when its worker is killed and its workflow terminated: the reaper needs neither', async () => {
    const worker = await spine.startWorker('undo:after-external=kill');
    const posted = await post({ taxMinor: -1 }, 100);
    expect(await worker.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await books.jitRoles()).toHaveLength(1);
    const client = await clientOf(spine);
    await client.workflow.getHandle(`action/demo/${posted.id}`).terminate('an operator pressed the button');
    await client.connection.close();
    await spine.startWorker();
    const live = async (): Promise<number | null> =>
      (await spine.auditor.query(`select from grants where action = $1 and state <> 'revoked'`, [posted.id])).rowCount;
    await waitUntil(async () => (await live()) === 0, { what: 'A grant is live', withinMs: 40_000 });
    expect(await books.jitRoles()).toEqual([]);
  }, 60_000);

  it('X58 has told no secret to the ledger, the histories or the logs', async () => {
    const { rows } = await spine.auditor.query<{ text: string }>(
      `select string_agg(leaf, '') || coalesce((select string_agg(g::text, '') from grants g), '')
              || coalesce((select string_agg(e::text, '') from effects e), '') as text from ledger`,
    );
    const histories = (await fetchHistories(spine)).map(({ raw, decoded }) => raw + decoded);
    const logs = readdirSync(logDirectory()).map((name) =>
      readFileSync(join(logDirectory(), name, 'output.log'), 'utf8'),
    );
    expect(histories.length).toBeGreaterThan(5);
    // A process that has only just been started has written nothing yet; all of them together have.
    expect([rows[0]?.text ?? '', logs.join('')]).not.toContain('');
    for (const text of [rows[0]?.text ?? '', ...histories, ...logs]) {
      expect(text).not.toContain(books.minterPassword);
      expect(text).not.toContain('SCRAM-SHA-256');
    }
  });
});
