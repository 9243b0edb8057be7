import { createHash, type KeyObject, randomBytes } from 'node:crypto';
import { Pool } from 'pg';
import { activateBundle } from '../../db/activate-bundle';
import { authenticateAgent } from '../../db/authenticate-agent';
import { issueAgentKey, revokeAgentKey } from '../../db/change-agent-keys';
import { findBundle } from '../../db/find-bundle';
import { forgetPayloadKey } from '../../db/forget-payload-key';
import { productionProblemsOf } from '../../db/production-problems-of';
import {
  PayloadKeysMissing,
  PayloadKeyUnregistered,
  registerPayloadKey,
  usePayloadKey,
} from '../../db/use-payload-key';
import { withTenant } from '../../db/with-tenant';
import { createWriteOwedEntries } from '../../loops/write-owed-entries';
import { BundleRefused } from '../../pdp/bundle-refused';
import { databaseUrl } from '../../stack/database-url';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { createEarlierCatalogues } from '../../worker/earlier-catalogues';
import { openBundle } from '../../pdp/open-bundle';
import { buildBundle } from '../../bundle/build-bundle';
import { changed, INFRA, newKeys, opa, policyDirectory } from '../bundle/policy-directory';
import { readyAction, seedTenant } from '../helpers/seed';
import { testServers } from '../setup/servers';
import { createWorld, type World } from '../helpers/world';

let world: World;
let tenant: string;
let owner: Pool;
beforeAll(async () => {
  world = await createWorld();
  const { connectionString = '' } = world.gateway.options;
  const login = { role: 'owner', password: testServers().passwords.owner } as const;
  owner = new Pool({ connectionString: databaseUrl(connectionString, { login }) });
  tenant = await seedTenant(world);
});
afterAll(async () => {
  await owner.end();
  await world.close();
});

const OTHER = changed('data/freeze.yaml', 'billing', 'search');
const build = async (
  files: typeof INFRA,
  by: { readonly version: number; readonly privateKeyPem: string },
): ReturnType<typeof buildBundle> => buildBundle({ directory: await policyDirectory(files), opaPath: opa, ...by });

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
const codecKeys = (current: string, ids: readonly string[], seed = 'same'): ReturnType<typeof parseCodecKeys> =>
  parseCodecKeys(
    JSON.stringify({
      current,
      keys: Object.fromEntries(
        ids.map((id) => [
          id,
          createHash('sha256')
            .update(seed + id)
            .digest('base64'),
        ]),
      ),
    }),
  );

const keyOf = ({ keys }: ReturnType<typeof codecKeys>, id: string): KeyObject => {
  const key = keys.get(id);
  if (key === undefined) throw new Error(`there is no key ${id}`);
  return key;
};

describe('the keys of payloads', () => {
  const register = async (id: string, seed = 'same'): Promise<boolean> =>
    await registerPayloadKey(owner, id, keyOf(codecKeys(id, [id], seed), id));

  beforeEach(async () => {
    await world.rows('delete from payload_keys');
    await usePayloadKey(world.gateway, codecKeys('k1', ['k1']));
    expect(await register('k2')).toBe(true);
  });

  test('a process that lacks one that was ever used does not start, and one that has it does', async () => {
    await usePayloadKey(world.worker, codecKeys('k1', ['k1', 'k2']));
    await usePayloadKey(world.worker, codecKeys('k2', ['k1', 'k2']));
    await expect(usePayloadKey(world.worker, codecKeys('k2', ['k2']))).rejects.toThrow(/lacks.*: k1\./s);
    await expect(usePayloadKey(world.gateway, codecKeys('k1', ['k1']))).rejects.toBeInstanceOf(PayloadKeysMissing);
  });

  test('another key under the same id is no better than none', async () => {
    const other = codecKeys('k2', ['k1', 'k2'], 'other');
    await expect(usePayloadKey(world.worker, other)).rejects.toThrow(/k1, k2/);
    expect(await register('k2', 'other')).toBe(false);
  });

  test('a process names no key that the others lack, however it is asked: they would not start any more', async () => {
    await expect(usePayloadKey(world.gateway, codecKeys('k9', ['k9']))).rejects.toThrow(PayloadKeysMissing);
    await expect(usePayloadKey(world.gateway, codecKeys('k9', ['k1', 'k2', 'k9']))).rejects.toThrow(
      PayloadKeyUnregistered,
    );
    for (const role of ['gateway', 'worker'] as const) {
      const insert = `insert into payload_keys (key_id, check_value) values ('k8', sha256('x'))`;
      await expect(world[role].query(insert)).rejects.toMatchObject({ code: '42501' });
      const { rows } = await world[role].query(`select use_payload_key('k8', sha256('x')) as known`);
      expect(rows).toEqual([{ known: false }]);
    }
    await usePayloadKey(world.gateway, codecKeys('k2', ['k1', 'k2']));
  });

  test('what is stored of a key is not the key, and no process takes it back', async () => {
    const [row] = await world.rows<{ check_value: Buffer }>(`select check_value from payload_keys where key_id = 'k1'`);
    expect(row?.check_value.equals(createHash('sha256').update('samek1').digest())).toBe(false);
    for (const role of ['gateway', 'worker'] as const)
      for (const sql of ['delete from payload_keys', `update payload_keys set check_value = sha256('x')`])
        await expect(world[role].query(sql)).rejects.toMatchObject({ code: '42501' });
  });

  describe('one goes when no history that is kept can need it', () => {
    const forget = async (id: string): Promise<string> => await forgetPayloadKey(owner, id);
    /** As if every process had said for the last time so long ago that it uses the key. */
    const usedUntil = async (id: string, days: number): Promise<unknown> =>
      await world.rows(`update payload_keys set used_until = now() - $2::int * interval '1 day' where key_id = $1`, [
        id,
        days,
      ]);
    const age = async (actionId: string, createdDays: number, settledDays?: number): Promise<unknown> =>
      await world.rows(
        `update actions set created_at = now() - $2::int * interval '1 day', settled_at = now() - $3::int * interval '1 day',
           outcome = case when $3::int is not null then '{}'::jsonb end where action = $1`,
        [actionId, createdDays, settledDays],
      );

    test('not while somebody encrypted with it lately, however long ago its successor began', async () => {
      await world.rows(`update payload_keys set since = since - interval '90 days'`);
      await usedUntil('k1', 60);
      await usePayloadKey(world.gateway, codecKeys('k1', ['k1', 'k2'])); // one that was not restarted yet, or again
      expect(await forget('k1')).toBe('needed');
      await usedUntil('k1', 29);
      expect(await forget('k1')).toBe('needed');
      expect(await forget('k2')).toBe('needed');
      expect(await forget('k3')).toBe('unknown');
    });

    test('not while an action of any tenant that began under it is open, or ended in the last 30 days', async () => {
      await usedUntil('k1', 60);
      const { actionId } = await readyAction(world, tenant);
      await age(actionId, 61);
      expect(await forget('k1')).toBe('needed');
      await age(actionId, 61, 29);
      expect(await forget('k1')).toBe('needed');
      await age(actionId, 61, 40);
      const later = await readyAction(world, tenant); // which has never seen it
      await age(later.actionId, 20);
      expect(await forget('k1')).toBe('forgotten');
      await usePayloadKey(world.worker, codecKeys('k2', ['k2']));
    });
  });
});

describe('the key of bundles', () => {
  const [first, second] = [newKeys(), newKeys()];
  const both = `${second.publicKeyPem}\n${first.publicKeyPem}`;

  test('what began under a replaced one is still read, for undoing and revoking', async () => {
    const now = Date.now();
    const old = await build(INFRA, { version: now, privateKeyPem: first.privateKeyPem });
    const next = await build(OTHER, { version: now + 1, privateKeyPem: second.privateKeyPem });
    for (const { manifest, ...rest } of [old, next])
      expect(await activateBundle(world.worker, manifest, JSON.stringify({ ...rest, manifest }))).toBe('active');
    const { digest } = old.manifest;
    expect(await createEarlierCatalogues(world.worker, both)(digest)).toEqual(old.content.catalogue);
    await expect(createEarlierCatalogues(world.worker, second.publicKeyPem)(digest)).rejects.toThrow(BundleRefused);
  });

  test('the same bundle signed anew takes the place of the old text, and an older one never does', async () => {
    const version = Date.now() + 10;
    const signed = async (by: typeof first, at: number): Promise<{ digest: string; text: string; version: number }> => {
      const bundle = await build(INFRA, { version: at, privateKeyPem: by.privateKeyPem });
      return { digest: bundle.manifest.digest, version: at, text: JSON.stringify(bundle) };
    };
    const before = await signed(first, version);
    const again = await signed(second, version);
    const later = await signed(second, version + 1);
    expect(again.digest).toBe(before.digest);
    for (const each of [before, again]) expect(await activateBundle(world.worker, each, each.text)).toBe('active');
    expect(await findBundle(world.worker, before.digest)).toBe(again.text);
    expect(await activateBundle(world.worker, later, later.text)).toBe('active');
    expect(await activateBundle(world.worker, before, before.text)).toBe('active');
    expect(await findBundle(world.worker, before.digest)).toBe(later.text);
    expect(() => openBundle(later.text, first.publicKeyPem)).toThrow(BundleRefused);
  });
});

describe('keys of agents', () => {
  const issue = (secret: string, more: object = {}): Promise<string | undefined> =>
    withTenant(owner, tenant, (client) =>
      issueAgentKey(client, tenant, { agent: 'payer', keyHash: hashOf(secret), issuedBy: 'bob', days: 1, ...more }),
    );
  const who = (secret: string): ReturnType<typeof authenticateAgent> =>
    authenticateAgent(world.gateway, hashOf(secret));

  test('a second one is good beside the first, until one is revoked', async () => {
    const [one, two] = ['first secret', 'second secret'];
    const id = await issue(one);
    await issue(two);
    expect(await who(one)).toEqual({ tenant, agent: 'payer' });
    expect(await who(two)).toEqual({ tenant, agent: 'payer' });
    const revoke = (key: string): Promise<boolean> =>
      withTenant(owner, tenant, (client) => revokeAgentKey(client, tenant, key, 'bob'));
    expect(await revoke(id ?? '')).toBe(true);
    expect(await revoke(id ?? '')).toBe(false);
    expect(await who(one)).toBeUndefined();
    expect(await who(two)).toEqual({ tenant, agent: 'payer' });
    const rows = await world.rows<{ leaf: string }>(
      `select leaf from ledger where tenant = $1 and key like 'people/agent-key/%' order by seq`,
      [tenant],
    );
    expect(rows.map(({ leaf }) => (JSON.parse(leaf) as { entry: object }).entry)).toMatchObject([
      { event: 'agent_key.issued', agent: 'payer', by: 'bob', key: id },
      { event: 'agent_key.issued' },
      { event: 'agent_key.revoked', agent: 'payer', by: 'bob', key: id },
    ]);
    expect(JSON.stringify(rows)).not.toContain(hashOf(one).toString('hex'));
  });

  test('one is good for nothing after its time', async () => {
    const secret = randomBytes(8).toString('hex');
    await issue(secret);
    await world.rows(`update agent_keys set expires_at = now() where key_hash = $1`, [hashOf(secret)]);
    expect(await who(secret)).toBeUndefined();
  });

  test('X74 one ends at once where the ledger cannot be written, which is told later', async () => {
    const secret = randomBytes(8).toString('hex');
    const id = (await issue(secret)) ?? '';
    const holder = await world.superuser.connect();
    try {
      await holder.query('begin; lock table ledger in access exclusive mode');
      const revoked = await withTenant(owner, tenant, async (client) => {
        await client.query('set local statement_timeout = 4000');
        return await revokeAgentKey(client, tenant, id, 'bob');
      });
      expect(revoked).toBe(true);
      expect(await who(secret)).toBeUndefined();
    } finally {
      await holder.query('rollback');
      holder.release();
    }
    const entries = `select leaf::jsonb -> 'entry' as entry from ledger where tenant = $1 and key = $2`;
    const key = `people/agent-key/${id}/revoked`;
    expect(await world.rows(entries, [tenant, key])).toEqual([]);
    await createWriteOwedEntries(world.loops, { warn: () => undefined })();
    expect(await world.rows(entries, [tenant, key])).toMatchObject([
      { entry: { event: 'agent_key.revoked', by: 'bob', key: id, owedSince: expect.stringMatching(/Z$/) as string } },
    ]);
  });

  test('nobody issues one to an agent that is stopped or unknown, or in the name of nobody', async () => {
    expect(await issue('a', { agent: 'nobody' })).toBeUndefined();
    expect(await issue('b', { issuedBy: 'nobody' })).toBeUndefined();
    await world.rows(`update agents set state = 'quarantined' where tenant = $1`, [tenant]);
    expect(await issue('c')).toBeUndefined();
    await world.rows(`update agents set state = 'active' where tenant = $1`, [tenant]);
  });
});

describe('what a database says against production', () => {
  test('nothing, as a process role over a database of its own', async () => {
    await world.rows('update agent_keys set revoked_at = now() where revoked_at is null');
    for (const role of ['gateway', 'worker', 'loops'] as const)
      expect(await productionProblemsOf(world[role], role)).toEqual([]);
  });

  test('everything at once: a superuser by any name, people of the demo, static keys of agents', async () => {
    await world.rows(`insert into people (tenant, person, name, demo) values ($1, 'alice-demo', 'Alice', true)`, [
      tenant,
    ]);
    await world.rows(
      `insert into agent_keys (tenant, key_hash, agent, generation, expires_at) values ($1, sha256('s'), 'payer', 1, now() + interval '1 day')`,
      [tenant],
    );
    expect(await productionProblemsOf(world.superuser, 'gateway')).toEqual([
      ...['superuser', 'demo_people', 'static_agent_keys'],
      expect.objectContaining({ role: 'gateway' }),
    ]);
    expect(await productionProblemsOf(world.gateway, 'gateway')).toEqual(['demo_people', 'static_agent_keys']);
    await world.rows(`update people set state = 'left' where demo`);
    await world.rows('update agent_keys set expires_at = now()');
    expect(await productionProblemsOf(world.gateway, 'gateway')).toEqual([]);
  });

  test.each([
    ['gateway', 'owner', 'may call begin_effect'],
    ['gateway', 'worker', 'may not call cast_vote'],
    ['gateway', 'superuser', 'is a superuser, whom no guard binds'],
    ['worker', 'owner', 'may call cast_vote'],
    ['worker', 'gateway', 'may not call begin_effect'],
    ['worker', 'loops', 'reads every tenant'],
    ['loops', 'worker', 'reads one tenant only'],
    ['loops', 'auditor', 'is not countersign_loops'],
  ] as const)('that in place of %s the login is that of %s: it %s', async (role, login, fault) => {
    const owner = new Pool({ connectionString: world.ownerUrl, max: 1 });
    const pools = { ...world, owner };
    try {
      const [found] = (await productionProblemsOf(pools[login], role)).filter((each) => typeof each === 'object');
      expect(found).toEqual({ role, faults: expect.arrayContaining([`is not countersign_${role}`, fault]) });
    } finally {
      await owner.end();
    }
  });
});
