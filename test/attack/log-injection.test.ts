import { canonicalJson } from '../../evidence/canonical-json';
import { type Json } from '../../domain/json';
import { type Harness, PARAMS, secret, startHarness, TYPE } from '../gateway/harness';

/* Words that would forge lines of a log, or leave in it what may never be erased: in every place where somebody may write words. */

let h: Harness;
beforeAll(async () => {
  h = await startHarness();
});
afterAll(() => h.stop());

const CANARY = 'canary-7f3a91';
const NAUGHTY = [
  `\r\n{"level":50,"msg":"${CANARY} forged"}`,
  `\n${CANARY}`,
  `\u001b[2J\u001b[31m${CANARY}`,
  `\u2028{"level":60}\u2029${CANARY}`,
  `"},"event":"vote.cast","x":{"y":"${CANARY}`,
  `\u0085${CANARY}\u0008\u0007`,
  `\u202e${CANARY}\u202c\u200b`,
  `%0d%0a${CANARY}`,
  `\${jndi:ldap://${CANARY}}`,
  `alice@example.org ${CANARY} DE02120300000000202051`,
];
/** What ends a line for somebody, or moves a terminal's cursor. */
const FORGING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

const lines = (): string[] => h.log.flatMap((chunk) => chunk.split('\n')).filter((line) => line !== '');
const leaves = async (): Promise<string[]> =>
  (await h.superuser.query<{ leaf: string }>('select leaf from ledger')).rows.map(({ leaf }) => leaf);

/** Says it wherever an agent, a person or a stranger can. */
async function sayEverywhere(words: string): Promise<void> {
  const said = await h.act({
    json: { type: TYPE, params: { ...PARAMS, note: words }, because: words, context: { [words.slice(0, 60)]: words } },
  });
  expect(said.status).toBe(202);
  const { id } = said.body;
  const request = await h.openApproval(id);
  const vote = { choice: 'deny', digest: request.digest, reason: words };
  expect((await h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'bob', json: vote })).status).toBe(200);
  await h.request('POST', `/v1/actions/${id}/cancel`, { as: 'agent', json: { reason: words } });
  await h.request('POST', `/v1/admin/actions/${id}/cancel`, { as: 'max', json: { reason: words } });
  await h.act({ json: { type: words.slice(0, 100), params: {} } });
  await h.act({ raw: `{"type":"${words}` });
  const escaped = encodeURIComponent(words);
  for (const path of [
    `/v1/actions/${escaped}`,
    `/${escaped}`,
    `/v1/actions?cursor=${escaped}`,
    `/v1/actions?wait=${escaped}`,
  ])
    await h.request('GET', path, { as: 'agent' });
  await h.request('GET', '/v1/me', {
    headers: { authorization: `Bearer ${escaped.padEnd(20, 'x')}`, 'user-agent': escaped },
  });
  h.play.fact = () => Promise.reject(new Error(`target said ${words}`));
  expect((await h.act()).status).toBe(500);
  h.play.fact = () => Promise.resolve({ kind: 'found', fact: { shelf: words } });
  await h.act();
}

it('X73 what anybody writes forges no line of the log and no entry of the ledger, and stands in neither', async () => {
  for (const words of NAUGHTY) await sayEverywhere(words);
  await h.deps.background.drain(5_000);
  expect(lines().length).toBeGreaterThan(100);
  for (const line of lines()) {
    expect(line).not.toMatch(FORGING);
    expect(line).not.toContain(CANARY);
    expect(line).not.toContain(secret('agent'));
    expect([30, 40, 50]).toContain((JSON.parse(line) as { level: number }).level);
  }
  const all = await leaves();
  expect(all.length).toBeGreaterThan(3 * NAUGHTY.length);
  for (const leaf of all) {
    expect(leaf).not.toMatch(FORGING);
    expect(leaf).not.toContain(CANARY);
    expect(leaf).toBe(canonicalJson(JSON.parse(leaf) as Json));
  }
}, 60_000);

it('X73 it stands beside the ledger alone, as it was written, where it can be erased', async () => {
  const { rows } = await h.superuser.query<{ body: string }>('select body from ledger_bodies');
  const said = rows.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  for (const words of NAUGHTY) {
    expect(said.filter(({ because }) => because === words)).not.toEqual([]);
    expect(said.filter(({ reason }) => reason === words)).not.toEqual([]);
  }
});

it('X73 a megabyte of reason is refused, and nothing of it is kept', async () => {
  const { id } = (await h.act()).body;
  const request = await h.openApproval(id);
  const [logged, entries] = [lines().join('').length, (await leaves()).length];
  for (const words of [`${CANARY}${'x'.repeat(1_000_000)}`, `${CANARY}${'x'.repeat(1_001)}`]) {
    const vote = { choice: 'deny', digest: request.digest, reason: words };
    for (const reply of [
      await h.act({ json: { type: TYPE, params: PARAMS, because: words } }),
      await h.act({ json: { type: TYPE, params: { ...PARAMS, note: words } } }),
      await h.request('POST', `/v1/approvals/${request.id}/votes`, { as: 'bob', json: vote }),
      await h.request('POST', `/v1/actions/${id}/cancel`, { as: 'agent', json: { reason: words } }),
    ]) {
      expect([400, 413]).toContain(reply.status);
      expect(reply.text.length).toBeLessThan(2_000);
      expect(reply.text).not.toContain(CANARY);
    }
  }
  expect((await leaves()).length).toBe(entries);
  expect(lines().join('').length - logged).toBeLessThan(10_000);
});
