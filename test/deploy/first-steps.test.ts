import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { escapeLiteral } from 'pg';
import { parse } from 'yaml';
import { agentsCommand } from '../../cli/commands/agents';
import { packageRoot } from '../../config/paths';
import { readConfig } from '../../config/read-config';
import { enrolAgent } from '../../db/agent-credentials';
import { productionProblemsOf } from '../../db/production-problems-of';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { seedTenant } from '../helpers/seed';
import { createWorld, type World } from '../helpers/world';
import { testServers } from '../setup/servers';

const root = packageRoot();
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

describe('sh deploy/create-secrets.sh', () => {
  const secrets = join(mkdtempSync(join(testServers().directory, 'secrets-')), 'secrets');
  const run = (): string =>
    execFileSync('sh', [join(root, 'deploy', 'create-secrets.sh'), secrets], { encoding: 'utf8' });
  beforeAll(() => void run());

  test('makes every file that compose asks for, closed to everybody else', () => {
    const compose = parse(read('docker-compose.yml'), { merge: true }) as { secrets: Record<string, { file: string }> };
    for (const { file } of Object.values(compose.secrets)) {
      const path = file.replace(/^\$\{[^}]*\}/, secrets);
      // What only Slack and the mail server can give.
      expect([path, statSync(path).size > 0]).toEqual([path, !path.includes('/channels/')]);
    }
    expect(statSync(secrets).mode & 0o777).toBe(0o700);
    expect(statSync(join(secrets, 'signer')).mode & 0o777).toBe(0o700);
  });

  test('gives each process its keys and no others, and to none the key that signs policy', () => {
    const held = (process: string): string[] => readdirSync(join(secrets, 'keys', process)).sort();
    expect(held('gateway')).toEqual([
      'agents.key.pem',
      'agents.pub.pem',
      'bundle.pub.pem',
      'codec.json',
      'effects.pub.pem',
      'facts.key.pem',
      'facts.pub.pem',
    ]);
    expect(held('workflows')).toEqual(['bundle.pub.pem', 'checkpoint.key.pem', 'checkpoint.pub.pem', 'codec.json']);
    expect(held('effects')).toEqual([
      ...[
        'bundle.pub.pem',
        'codec.json',
        'effects.key.pem',
        'effects.pub.pem',
        'facts.key.pem',
        'facts.pub.pem',
        'secrets',
      ],
    ]);
    const COUNTERSIGN_KEYS = join(secrets, 'keys', 'workflows');
    expect(readConfig({ COUNTERSIGN_KEYS, COUNTERSIGN_WORKER_ROLE: 'workflows' }).workerRole).toBe('workflows');
    expect(parseCodecKeys(readFileSync(join(COUNTERSIGN_KEYS, 'codec.json'), 'utf8')).current).toBe('k1');
    expect(existsSync(join(secrets, 'signer', 'bundle.key.pem'))).toBe(true);
  });

  test('changes nothing that is there', () => {
    const all = (): string[] =>
      [
        'urls/owner',
        'postgres/roles.json',
        'signer/bundle.key.pem',
        'keys/effects/effects.key.pem',
        'signer/codec.json',
        'tls/server.pem',
      ].map((name) => readFileSync(join(secrets, name), 'utf8'));
    const before = all();
    run();
    expect(all()).toEqual(before);
  });

  test('makes no second key of policy or payloads once signer/ was taken away', () => {
    const all = (): string[] =>
      ['gateway', 'workflows', 'effects'].flatMap((process) =>
        ['bundle.pub.pem', 'codec.json'].map((name) => readFileSync(join(secrets, 'keys', process, name), 'utf8')),
      );
    const before = all();
    renameSync(join(secrets, 'signer'), `${secrets}-signer`);
    run();
    expect(all()).toEqual(before);
    expect(readdirSync(join(secrets, 'signer'))).toEqual([]);
  });
});

describe('deploy/first-agent.sql', () => {
  let world: World;
  beforeAll(async () => (world = await createWorld(2)));
  afterAll(() => world.close());

  test('makes an agent, to which a key is issued that lets it in, as the ledger says, and no other key', async () => {
    const tenant = await seedTenant(world);
    const given: Readonly<Record<string, string>> = {
      tenant,
      agent: 'refund-agent',
      owner: 'alice',
      team: 'finance',
      roles: 'refunder',
    };
    // What psql does with `--set`.
    const sql = read('deploy', 'first-agent.sql').replace(/:'(\w+)'/g, (_, name: string) =>
      escapeLiteral(given[name] ?? ''),
    );
    await world.superuser.query(sql);
    const printed = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    const said = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const args = ['credential', 'issue', 'refund-agent', '--tenant', tenant, '--by', 'alice', '--json'];
    await agentsCommand().parseAsync([...args, '--database-url', world.ownerUrl], { from: 'user' });
    const { secret } = JSON.parse(printed.mock.calls.map(([text]) => String(text)).join('')) as { secret: string };
    for (const spy of [printed, said]) spy.mockRestore();
    const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
    const key = { kid: 'K'.repeat(43), x: 'X'.repeat(43) };
    expect(await enrolAgent(world.gateway, hashOf(`${secret}0`), key)).toEqual({ refused: 'not_found' });
    expect(await enrolAgent(world.gateway, hashOf(secret), key)).toMatchObject({
      done: { tenant, agent: 'refund-agent' },
    });
    const registered = await world.rows(
      `select issued_by, not_after < now() + interval '25 hours' as ends from agent_credentials where agent = 'refund-agent'`,
    );
    expect(registered).toEqual([{ issued_by: 'alice', ends: true }]);
    expect(await productionProblemsOf(world.gateway)).not.toContain('static_agent_keys');
  });
});
