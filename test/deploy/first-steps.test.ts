import { execFile, execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { Countersign } from '../../client/countersign';
import { packageRoot } from '../../config/paths';
import { readConfig } from '../../config/read-config';
import { type JsonObject } from '../../domain/json';
import { digestOf } from '../../evidence/digest-of';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { type Harness, startHarness, TYPE } from '../gateway/harness';
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
    expect(held('auditor')).toEqual(['checkpoint.pub.pem', 'retired']);
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

  test('says what to bring back before it touches a certificate that is to be replaced', () => {
    const key = (): string => readFileSync(join(secrets, 'tls', 'server.key.pem'), 'utf8');
    const before = key();
    const certificate = join(secrets, 'tls', 'server.pem');
    renameSync(certificate, `${certificate}.old`);
    expect(run).toThrow(/bring signer\/ back/);
    expect(key()).toBe(before);
    cpSync(join(`${secrets}-signer`, 'ca.key.pem'), join(secrets, 'signer', 'ca.key.pem'));
    run();
    expect(key()).not.toBe(before);
    expect(readFileSync(certificate, 'utf8')).toContain('BEGIN CERTIFICATE');
  });
});

describe('docs/deploy.md', () => {
  let h: Harness;
  beforeAll(async () => (h = await startHarness()));
  afterAll(() => h.stop());
  const run = promisify(execFile);

  test('leads from an empty tenant to an agent that acts, registered by one person and let in by another', async () => {
    const directory = mkdtempSync(join(testServers().directory, 'steps-'));
    const main = `exec ${process.execPath} ${join(root, 'dist', 'cli', 'main.js')} "$@"\n`;
    const program = (name: string, text: string): void =>
      writeFileSync(join(directory, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
    program('npx', `shift\n${main}`); // npx countersign …
    program('docker', `shift 5\nDATABASE_URL=${h.database.ownerUrl} ${main}`); // compose run --rm migrate dist/cli/main.js …
    const said: Record<string, string> = {};
    for (const [, who = 'robin', block = ''] of read('docs', 'deploy.md').matchAll(
      /^```sh first-steps ?(\w+)?\n(.*?)^```$/gms,
    )) {
      const commands = block
        .replaceAll('https://countersign-operators.example.org', h.adminUrl)
        .replaceAll('https://countersign.example.org', h.url)
        .replace(/<(secret|proposal)>/g, (_, name: string) => said[name] ?? '');
      const env = {
        PATH: `${directory}:/usr/local/bin:/usr/bin:/bin`,
        HOME: directory,
        COUNTERSIGN_HOME: directory,
        COUNTERSIGN_ADMIN_URL: h.adminUrl,
        COUNTERSIGN_TOKEN: said[who] ?? '',
      };
      const { stdout: out } = await run('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
        cwd: directory,
        env,
      });
      const last = out.trim().split('\n').at(-1) ?? '';
      if (/ init --admin | credential issue /.test(block)) said['secret'] = last;
      if (block.includes(' init --redeem ')) said['robin'] = last;
      if (block.includes(' token issue dana ')) said['dana'] = last;
      said['proposal'] = /prp-[0-9a-f-]{36}/.exec(out)?.[0] ?? said['proposal'] ?? '';
    }
    const { rows } = await h.superuser.query(
      `select a.state, a.owner, a.creator, p.decided_by, c.issued_by, (select count(*)::integer from agent_keys k where k.tenant = 'main') as static
       from agents a join agent_credentials c using (tenant, agent) join proposals p on p.tenant = a.tenant where a.tenant = 'main'`,
    );
    expect(rows).toEqual([
      { state: 'active', owner: 'robin', creator: 'robin', decided_by: 'dana', issued_by: 'robin', static: 0 },
    ]);
    const { content } = parse(readFileSync(join(directory, 'refund-agent.yaml'), 'utf8')) as { content: JsonObject };
    const agent = new Countersign({
      url: h.url,
      credential: join(directory, 'refund-agent.json'),
      configDigest: digestOf('agent-version', content),
    });
    expect((await agent.tools()).map(({ actionType }) => actionType)).toEqual([TYPE]);
  }, 120_000);
});
