import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { SECRET_VARIABLES } from '../../config/from-files';
import { packageRoot } from '../../config/paths';
import { readConfig } from '../../config/read-config';
import { variables } from '../../config/variables';
import { DYNAMIC_CONFIG } from '../../stack/temporal-server';
import { testServers } from '../setup/servers';

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly profiles?: readonly string[];
  readonly restart?: string;
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly deploy?: { readonly resources?: { readonly limits?: Readonly<Record<string, unknown>> } };
}

interface Prometheus {
  readonly scrape_configs: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
}

const root = packageRoot();
const mounted = mkdtempSync(join(testServers().directory, 'mounted-'));
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');
const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const deploying = read('docs', 'deploy.md');
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const service = (name: string): Service => compose.services[name] ?? {};

/** What compose puts in place of `${NAME:-default}` and `${NAME:?why}` where nothing else is set. */
function interpolated(value: string): string {
  return value.replace(/\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g, (_, name: string, kind?: string, rest?: string) =>
    kind === '-' ? (rest ?? '') : `https://${name.toLowerCase().replaceAll('_', '-')}.example.org`,
  );
}

describe('docker-compose.yml', () => {
  test('is what the Compose specification says', () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats(ajv);
    ajv
      .addFormat('ports', true)
      .addFormat('expose', true)
      .addFormat('duration', true)
      .addFormat('subnet_ip_address', true);
    const { $schema: _, ...schema } = JSON.parse(read('test', 'deploy', 'schema', 'compose-spec.json')) as Record<
      string,
      unknown
    >;
    const holds = ajv.compile(schema);
    holds(compose);
    expect(holds.errors ?? []).toEqual([]);
    expect(holds({ services: { a: { image: 1 } } })).toBe(false);
  });

  test.each(services)('%s has a fixed version, limits, and waits for what it needs', (_, each) => {
    expect(each.image).toMatch(/^[a-z/-]+:(v?\d+\.\d+\.\d+|\d+\.\d+-[a-z]+|\$\{COUNTERSIGN_VERSION:-\d+\.\d+\.\d+\})$/);
    expect(Object.keys(each.deploy?.resources?.limits ?? {}).sort()).toEqual(['cpus', 'memory', 'pids']);
    for (const [needed, { condition }] of Object.entries(each.depends_on ?? {}))
      expect(condition).toBe(service(needed).restart === 'no' ? 'service_completed_successfully' : 'service_healthy');
    expect(each.volumes?.filter((volume) => /docker\.sock|:rw$/.test(volume)) ?? []).toEqual([]);
  });

  test('names only files, networks, volumes and secrets that there are', () => {
    for (const [, each] of services) {
      for (const network of each.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
      for (const secret of each.secrets ?? []) expect(Object.keys(compose.secrets)).toContain(secret);
      for (const volume of each.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./')) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
        else if (!source.startsWith('$')) expect(Object.keys(compose.volumes)).toContain(source);
      }
    }
    // No process holds a secret that nothing tells it of, and none is told of one that it does not hold.
    for (const [name, { environment, command, secrets = [] }] of ours) {
      const named = [...JSON.stringify([environment, command]).matchAll(/\/run\/secrets\/([a-z-]+)/g)].map(
        ([, secret = '']) => secret,
      );
      expect([name, [...secrets].sort()]).toEqual([name, [...new Set(named)].sort()]);
    }
    const used = new Set(services.flatMap(([, { secrets = [] }]) => secrets));
    expect(Object.keys(compose.secrets).filter((name) => !used.has(name))).toEqual([]);
  });

  test('holds no secret: each is a file', () => {
    for (const [, { environment = {} }] of services)
      for (const [name, value] of Object.entries(environment)) {
        if (!/PASSWORD|TOKEN|SECRET|SMTP_URL|DATABASE_URL|_PWD/.test(name)) continue;
        expect([name, value]).toEqual([name, expect.stringMatching(/^\/run\/secrets\/[a-z-]+$/)]);
      }
  });
});

describe('what compose tells the processes', () => {
  const known = new Set([
    ...Object.keys(variables.shape),
    ...SECRET_VARIABLES.map((name) => `${name}_FILE`),
    // Read by the SDK, as every Temporal tool reads them.
    ...['ADDRESS', 'NAMESPACE', 'TLS', 'TLS_SERVER_CA_CERT_PATH', 'TLS_CLIENT_CERT_PATH', 'TLS_CLIENT_KEY_PATH'].map(
      (name) => `TEMPORAL_${name}`,
    ),
  ]);

  test.each(ours)(
    '%s: every variable is known, documented, and enough for production',
    (name, { environment = {} }) => {
      for (const variable of Object.keys(environment)) {
        expect(known).toContain(variable);
        expect([variable, deploying.includes(`\`${variable}\``)]).toEqual([variable, true]);
      }
      // Files are of the host that runs it. What they hold is not judged here, only that they are read.
      const env = Object.fromEntries(
        Object.entries(environment).map(([variable, value]) => [
          variable.replace(/_FILE$/, ''),
          variable.startsWith('TEMPORAL_TLS_') ? asMounted(value) : sampleOf(variable, interpolated(value)),
        ]),
      );
      expect(readConfig({ ...env, PATH: '' })).toMatchObject({ mode: 'production' });
      expect(name).not.toBe('');
    },
  );

  test('only the role effects is given what opens a target, and only the roles step a superuser', () => {
    const mounts = (name: string): string => JSON.stringify(service(name).volumes);
    expect(mounts('worker-effects')).toContain('keys/effects:/keys');
    const holders = (needle: string): string[] =>
      services.filter(([, each]) => JSON.stringify(each).includes(needle)).map(([name]) => name);
    expect(holders('keys/effects')).toEqual(['worker-effects']);
    expect(holders('database-url-superuser')).toEqual(['roles']);
    expect(holders('database-url-owner')).toEqual(['migrate']);
    expect(holders('slack-signing-secret')).toEqual(['gateway', 'gateway-operators']);
    expect(holders('smtp-url')).toEqual(['gateway', 'gateway-operators', 'worker-workflows']);
    expect(holders('/signer/')).toEqual([]);
    expect(service('worker-workflows').environment?.['COUNTERSIGN_WORKER_ROLE']).toBe('workflows');
    expect(service('worker-effects').environment?.['COUNTERSIGN_WORKER_ROLE']).toBe('effects');
  });

  test('nothing starts before the schema and the namespace are there', () => {
    for (const name of ['gateway', 'gateway-operators', 'worker-workflows', 'worker-effects'])
      expect(Object.keys(service(name).depends_on ?? {}).sort()).toEqual(['migrate', 'temporal-namespace']);
  });
});

describe('who watches', () => {
  const targets = (parse(read('deploy', 'observability', 'prometheus.yaml')) as Prometheus).scrape_configs.flatMap(
    ({ static_configs }) => static_configs.flatMap((each) => each.targets),
  );

  test('every gateway and worker is read, at the port that it has for this', () => {
    for (const [name, { command, environment = {}, networks }] of ours) {
      const process = /^dist\/(gateway|worker)\/main\.js$/.exec(command?.[0] ?? '')?.[1];
      const port = environment[process === 'gateway' ? 'COUNTERSIGN_METRICS_PORT' : 'COUNTERSIGN_WORKER_PORT'];
      expect([name, targets.includes(`${name}:${port ?? ''}`)]).toEqual([name, process !== undefined]);
      if (process !== undefined) expect(networks).toContain('metrics');
    }
  });

  test('Postgres is ready when it answers where it is asked from', () => {
    // Its image starts a server on a socket alone first, which ends when the databases are made.
    const { test: probe } = service('postgres').healthcheck as { test: readonly string[] };
    expect(probe.slice(0, 4)).toEqual(['CMD', 'pg_isready', '--host', '127.0.0.1']);
  });
});

describe('who reaches whom', () => {
  const on = (network: string): string[] =>
    services.filter(([, { networks = [] }]) => networks.includes(network)).map(([name]) => name);

  test('agents reach the gateway and nothing else', () => {
    expect(on('agents')).toEqual(['gateway']);
    expect(service('gateway').environment).not.toHaveProperty('COUNTERSIGN_ADMIN_URL');
    expect(service('gateway').networks).not.toContain('operators');
  });

  test('Postgres and Temporal have no way out and no port on the host', () => {
    for (const name of ['postgres', 'temporal', 'temporal-namespace', 'temporal-schema', 'migrate', 'roles']) {
      expect(service(name).ports).toBeUndefined();
      for (const network of service(name).networks ?? []) expect(compose.networks[network]).toEqual({ internal: true });
    }
    expect(on('data')).not.toContain('temporal-ui');
  });

  test('ports are published on the host itself, but for that of agents where somebody says so', () => {
    for (const [name, { ports = [] }] of services)
      for (const port of ports) {
        expect(port).toMatch(name === 'gateway' ? /^\$\{COUNTERSIGN_BIND:-127\.0\.0\.1\}:8420:/ : /^127\.0\.0\.1:/);
        expect(deploying).toContain(`\`${port.split(':').at(-1) ?? ''}\``);
      }
  });

  test('every process of ours is no root, writes nowhere, and may do nothing that is not needed', () => {
    for (const [, each] of ours) expect(each).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    expect(read('Dockerfile')).toMatch(/^USER 1000:1000$/m);
  });

  test('Temporal has the dynamic configuration that everything was tried with', () => {
    const deployed = parse(read('deploy', 'temporal', 'dynamic-config.yaml')) as Record<string, [{ value: unknown }]>;
    const settings = Object.entries(deployed).map(([key, [{ value }]]) => `${key}=${JSON.stringify(value)}`);
    expect(settings).toEqual(DYNAMIC_CONFIG);
  });

  test('the UI changes nothing, and has payloads opened where the operator sits', () => {
    // `countersign codec` on the operator's own machine: whose browser asks holds the key.
    expect(service('temporal-ui').environment).toMatchObject({
      TEMPORAL_DISABLE_WRITE_ACTIONS: 'true',
      TEMPORAL_CODEC_ENDPOINT: 'http://127.0.0.1:8423',
    });
  });
});

/** A file of a secret, here: in a container there is one only where compose puts it. */
function asMounted(value: string): string {
  if (!value.startsWith('/run/secrets/')) return value;
  const path = join(mounted, basename(value));
  writeFileSync(path, 'PEM');
  return path;
}

function sampleOf(variable: string, value: string): string {
  if (!variable.endsWith('_FILE')) return value;
  // As `create-secrets.sh` makes them.
  if (/^(SLACK|SMTP)_/.test(variable)) return '';
  if (variable.startsWith('DATABASE_URL')) return 'postgres://countersign_somebody:pw@postgres:5432/countersign';
  return 'sixteen-characters-and-more';
}
