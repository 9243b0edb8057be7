import { generateKeyPairSync } from 'node:crypto';
import { type Json } from '../../domain/json';
import { digestOf } from '../../evidence/digest-of';
import { verifyReceipt } from '../../evidence/receipt';
import { entryLines, signedNotes } from './written-ledger';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const receipt = { tenant: 'demo', agent: 'janitor', generation: 1, exceptions: [] };

/** The file of a receipt of which the one entry of a log speaks as `entry` says. */
function fileOf(entry: Record<string, Json>, inFile: object = receipt): unknown {
  const about = { event: 'agent.offboarded', agent: 'janitor', generation: 1, receipt: digestOf('receipt', receipt) };
  const log = { tenant: 'demo', said: [{ key: 'one', entry: { ...about, ...entry }, body: null }], sizes: [1] };
  const { leaf } = JSON.parse(entryLines(log)[0] ?? '') as { leaf: string };
  const [checkpoint] = signedNotes(log, privateKey);
  const proof = { format: 'countersign-proof/1', tenant: 'demo', seq: 0, leaf, proof: [], checkpoint };
  return JSON.parse(JSON.stringify({ format: 'countersign-receipt/1', receipt: inFile, proof }));
}

it('is what the log says of this agent, in this generation', () => {
  expect(verifyReceipt(fileOf({}), publicKey)).toMatchObject({ ok: true, agent: 'janitor' });
  for (const other of [{ event: 'agent.cut_off' }, { agent: 'other' }, { generation: 2 }, { receipt: 'sha256:' }])
    expect(verifyReceipt(fileOf(other), publicKey).ok).toBe(false);
});

const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as Json;
it.each<[string, object]>([
  ['half of a surrogate pair', { more: '\ud800' }],
  ['nesting without end', { more: deep }],
  ['a member named __proto__', JSON.parse('{"__proto__":{"exceptions":[]}}') as object],
])('one with %s is not the one that was written', (_, more) => {
  const forged = Object.fromEntries([...Object.entries(receipt), ...Object.entries(more)]);
  expect(verifyReceipt(fileOf({}, forged), publicKey)).toMatchObject({
    ok: false,
    problem: 'the ledger has the digest of another receipt',
  });
});
