import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, runCountersign } from '../helpers/run-countersign';
import { type AgentKey, bearer, enrol, enrolmentSecret, newKey, registering, tokenOf } from '../gateway/agent-key';
import { type Harness, secret, startHarness } from '../gateway/harness';

let h: Harness;
let home: string;
beforeAll(async () => {
  h = await startHarness();
  home = mkdtempSync(join(tmpdir(), 'countersign-credentials-'));
});
afterAll(async () => {
  rmSync(home, { recursive: true });
  await h.stop();
});

const revoke = (...args: readonly string[]): Promise<Ran> =>
  runCountersign(['agents', 'credential', 'revoke', 'agent', '--reason', 'a test', ...args], {
    ...{ NO_COLOR: '1', COUNTERSIGN_HOME: home, COUNTERSIGN_URL: h.url, COUNTERSIGN_ADMIN_URL: h.adminUrl },
    COUNTERSIGN_TOKEN: secret('olga'),
  });

async function enrolled(): Promise<AgentKey> {
  const key = newKey();
  expect((await enrol(h, await enrolmentSecret(h), key)).status).toBe(200);
  return key;
}

test('whoever ends one key is told which others ended with it, and why', async () => {
  const [key, next, beside] = [await enrolled(), newKey(), await enrolled()];
  const json = registering(next, 'rotate', key.kid);
  const rotated = await h.request('POST', '/v1/agents/me/keys', { json, ...bearer(await tokenOf(h, key)) });
  expect(rotated.status).toBe(200);
  const ran = await revoke('--key', key.kid);
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining(`${key.kid}, ${next.kid}. Who had a key`)]);
  expect((await revoke('--key', key.kid)).err).toContain('not_found');

  const all = await revoke('--json');
  expect(JSON.parse(all.out)).toEqual({ agent: 'agent', revoked: 'all', keys: [beside.kid] });
});

test('whoever ends a key without a successor, or all keys, is told of no other', async () => {
  const key = await enrolled();
  const one = await revoke('--key', key.kid);
  await enrolled();
  const all = await revoke();
  expect([one.code, all.code, one.err]).toEqual([0, 0, expect.stringContaining(`${key.kid}. To let agent in again`)]);
  expect(one.err + all.err).not.toContain('Who had a key');
});
