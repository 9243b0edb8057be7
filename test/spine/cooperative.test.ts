import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Countersign } from '../../client';
import { guardInput } from '../../domain/guard-input';
import { digestOf } from '../../evidence/digest-of';
import { ended, invoice, largeInvoice, pay, requestOf, vote } from '../helpers/pay';
import { type Spine, startSpine } from '../helpers/spine';

let spine: Spine;
let cs: Countersign;
beforeAll(async () => {
  spine = await startSpine();
  cs = new Countersign({
    url: spine.gatewayUrl,
    key: spine.agentKey,
    bundleKey: readFileSync(join(spine.home, 'keys', 'bundle.pub.pem'), 'utf8'),
  });
}, 120_000);
afterAll(async () => {
  await Promise.allSettled([cs.close()]); // refuses: the agent is stopped by then
  await spine.stop();
});

const told = async (event: string): Promise<any[]> =>
  (
    await spine.auditor.query<{ entry: unknown }>(
      `select leaf::jsonb -> 'entry' as entry from ledger where leaf::jsonb -> 'entry' ->> 'event' = $1 order by seq`,
      [event],
    )
  ).rows.map(({ entry }) => entry);

test('an agent decides on reading a file in its own process, and the ledger hears of it', async () => {
  const read = await cs.guard('invoices.read_file', { file: 'inv-1.xml', bytes: 2_000 }, ({ file }) => `<${file}>`);
  expect(read).toMatchObject({ kind: 'executed', lane: 'cooperative', result: '<inv-1.xml>' });
  const denied = await cs.guard('invoices.read_file', { file: 'film.xml', bytes: 900_000_000 }, () => 'read');
  expect(denied).toMatchObject({ kind: 'denied', reasons: [{ code: 'invoices.too_large' }] });
  await cs.flush();
  expect(await told('decision.reported')).toMatchObject([
    { lane: 'cooperative', seq: 1, effect: 'allow', verdict: 'confirmed' },
    { lane: 'cooperative', seq: 2, effect: 'deny', verdict: 'confirmed' },
  ]);
});

test('X75 a client that always allows pays nothing, and what waited for a person pays nothing any more either', async () => {
  const paid = spine.services.payments.book.records().length;
  const waiting = await pay(spine, largeInvoice(), { waitMs: 5_000 });
  await requestOf(spine, waiting.id);

  // What moves money cannot be guarded, whatever the client thinks of it: there is no credential in its process.
  await expect(cs.guard('payments.pay_invoice', invoice(), () => 'paid')).rejects.toMatchObject({
    code: 'unknown_action_type',
  });

  // As a patched client does it: everything is allowed, and reported so.
  const { body: served } = await call('GET', '/v1/bundle');
  const { agent, bundle } = served;
  const claimed = (seq: number, at: string, bytes: number) => {
    const type = 'invoices.read_file';
    const params = { file: 'film.xml', bytes };
    const input: any = guardInput(agent, bundle.content.actionTypes[type], params, at);
    const inputDigest = digestOf('decision', input);
    return { seq, type, params, at, effect: 'allow', bundle: bundle.manifest.of, inputDigest };
  };
  const lie = claimed(1, new Date().toISOString(), 900_000_000);
  const stream = '5f2c9a52-7f0e-4c55-9d7d-0d4f9f6f2b11';
  const answer = await call('POST', '/v1/decisions', { stream, decisions: [lie] });
  expect(answer.body).toEqual({ decisions: [{ seq: 1, verdict: 'mismatch' }], mayGoOn: false });
  expect(await told('agent.quarantined')).toMatchObject([{ agent: 'invoice-agent', cause: 'not_allowed', stream }]);

  expect((await call('POST', '/v1/decisions', { stream, decisions: [lie] })).body.mayGoOn).toBe(false);
  // Nor may it say that it read something before it was there, though that is too long ago for anybody to have judged it.
  const backdated = claimed(2, new Date(Date.now() - 2 * 86_400_000).toISOString(), 2_000);
  const other = await call('POST', '/v1/decisions', {
    stream: '9b1d1f0c-52a4-4f6c-8a56-0d3c8f1f7f22',
    decisions: [backdated],
  });
  expect(other.body.decisions).toEqual([{ seq: 2, verdict: 'mismatch' }]);
  expect((await told('decision.reported')).at(-1)).toMatchObject({ cause: 'impossible_time' });

  await expect(cs.act('payments.pay_invoice', invoice(), { key: 'after' })).rejects.toMatchObject({
    code: 'agent_not_active',
  });

  await vote(spine, 'bob', waiting.id, 'approve');
  expect((await ended(spine, waiting.id)).kind).toBe('denied');
  expect(spine.services.payments.book.records()).toHaveLength(paid);
}, 60_000);

async function call(method: 'GET' | 'POST', path: string, json?: object): Promise<{ status: number; body: any }> {
  const response = await fetch(spine.gatewayUrl + path, {
    method,
    headers: { authorization: `Bearer ${spine.agentKey}`, 'content-type': 'application/json' },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  return { status: response.status, body: await response.json() };
}
