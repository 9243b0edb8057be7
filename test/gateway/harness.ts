import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { Client, type Pool } from 'pg';
import { createLedger } from '../../db/ledger';
import { createPool } from '../../db/pool';
import { type ActionType, type Catalogue, type Target } from '../../domain/documents';
import { type Decision } from '../../domain/decision';
import { type FactResult } from '../../domain/provider';
import { createAgentBundles } from '../../gateway/agent-bundles';
import { createAgentTurns } from '../../gateway/agent-turns';
import { createBackground } from '../../gateway/background';
import { createGateway } from '../../gateway/create-gateway';
import { measureOperations } from '../../db/measure-operations';
import { newestMigration } from '../../db/newest-migration';
import { readCondition } from '../../db/read-condition';
import { createGatewayMetrics } from '../../telemetry/create-gateway-metrics';
import { createReadiness } from '../../telemetry/create-readiness';
import { createScraperCheck } from '../../telemetry/create-scraper-check';
import { watchStops } from '../../db/stop-watch';
import { databaseCheck } from '../../telemetry/database-check';
import { type GaugeName } from '../../telemetry/metrics';
import { createLog } from '../../telemetry/create-log';
import { type GatewayDeps, type StartableAction } from '../../gateway/deps';
import { hostNames } from '../../gateway/host-names';
import { listen } from '../../gateway/listen';
import { createOutcomeWatch } from '../../gateway/outcome-watch';
import { type PageRoute } from '../../gateway/page-route';
import { createStrangerCount } from '../../gateway/stranger-count';
import { createParamsValidator } from '../../pdp/params-validator';
import { createTestDatabase, type TestDatabase } from '../helpers/database';
import { agentTokensOf } from './agent-tokens-of';
import { expectDocumented } from './expect-documented';

const record: Target = {
  id: 'registry',
  provider: 'http',
  address: 'http://127.0.0.1:1',
  token: { audience: 'registry' },
  limits: { timeoutMs: 1_000, responseBytes: 1_024 },
  operations: { boxById: { method: 'GET', path: '/boxes/{id}', args: {}, query: {} } },
};

const moveBox: ActionType = {
  id: 'warehouse.move_box',
  version: 3,
  owner: 'team:floor',
  risk: 'high',
  effect: 'compensable',
  lane: 'brokered',
  params: {
    type: 'object',
    additionalProperties: false,
    required: ['box', 'weightGrams'],
    properties: {
      box: { type: 'string', pattern: '^[a-z0-9-]{1,32}$' },
      weightGrams: { type: 'integer', minimum: 1, maximum: 100_000 },
      note: { type: 'string', maxLength: 200 },
    },
  },
  facts: { box: { source: 'registry', query: 'boxById', args: { id: '/params/box' }, missing: 'deny' } },
  envelope: ['/facts/box/shelf'],
  steps: [],
  grantTtlMs: 30_000,
  card: {
    headline: 'Move {box} off {shelf}',
    fields: { box: { text: '/params/box' }, shelf: { text: '/facts/box/shelf', flagChanged: true } },
  },
};

const catalogue: Catalogue = {
  actionTypes: { [moveBox.id]: moveBox },
  targets: { registry: record },
  chains: {
    'keepers-one': {
      id: 'keepers-one',
      decideWithinMs: 60_000,
      validForMs: 60_000,
      stages: [{ from: ['group:keepers'], need: 1, remindAfterMs: [], reason: 'optional' }],
    },
  },
  data: {},
};

export const TYPE = moveBox.id;
export const PARAMS = { box: 'b-17', weightGrams: 1200 } as const;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: any; // tests read what they expect
}

export interface RequestOptions {
  readonly as?: string;
  readonly key?: string;
  readonly json?: unknown;
  readonly raw?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A gateway on a socket, over a database of its own, with two tenants that have the same ids in them. Workflows are played by the test. */
export interface Harness {
  readonly database: TestDatabase;
  readonly pool: Pool;
  readonly superuser: Client;
  readonly deps: GatewayDeps;
  readonly url: string;
  /** Where it listens to operators; `request` goes there with what is theirs. */
  readonly adminUrl: string;
  readonly log: string[];
  readonly submitted: StartableAction[];
  readonly woken: StartableAction[];
  /** Signs bundles that the gateway finds in its database. */
  readonly bundleKeys: { readonly privateKey: string; readonly publicKey: string };
  readonly play: {
    submit: (action: StartableAction) => Promise<'answered' | 'pending'>;
    wake: (action: StartableAction) => Promise<'woken' | 'closed'>;
    fact: (args: object) => Promise<FactResult>;
    /** What policy says to a preview. */
    decision: Omit<Decision, 'bundleDigest'>;
  };
  request(method: string, path: string, options?: RequestOptions): Promise<Reply>;
  /** Asks to act as the agent, with a key of its own unless one is given. */
  act(options?: RequestOptions): Promise<Reply>;
  /** Plays the workflow: asks for countersignatures on an action. */
  openApproval(
    action: string,
    options?: {
      readonly deadlineMs?: number;
      readonly need?: number;
      readonly reason?: string;
      readonly tenant?: string;
    },
  ): Promise<{ id: string; digest: string }>;
  stop(): Promise<void>;
}

/** What `as` may be: agents `agent`, `other-agent` (same tenant), `foreign-agent`; people by name, of the other tenant with `foreign-`. */
export function secret(who: string): string {
  return `test-secret-of-${who}-0123456789`;
}

const hash = (who: string): Buffer => createHash('sha256').update(secret(who)).digest();

async function seed(client: Client): Promise<void> {
  for (const [tenant, prefix] of [
    ['acme', ''],
    ['rival', 'foreign-'],
  ] as const) {
    await client.query('insert into tenants (tenant, name) values ($1, $1)', [tenant]);
    for (const [person, roles] of Object.entries({
      olga: ['owner', 'approver'],
      bob: ['approver'],
      cleo: ['approver'],
      dan: ['approver'],
      max: ['operator'],
      vic: ['viewer'],
      ada: ['admin'],
      nil: [],
    })) {
      await client.query('insert into people (tenant, person, name, roles) values ($1, $2, $2, $3)', [
        tenant,
        person,
        roles,
      ]);
      await client.query(
        `insert into person_tokens (tenant, token_hash, person, expires_at) values ($1, $2, $3, now() + interval '1 hour')`,
        [tenant, hash(prefix + person), person],
      );
    }
    for (const person of ['olga', 'bob', 'cleo'])
      await client.query(`insert into group_members (tenant, group_name, person) values ($1, 'keepers', $2)`, [
        tenant,
        person,
      ]);
    for (const agent of ['agent', 'other-agent']) {
      await client.query(
        `insert into agents (tenant, agent, version, owner, creator, team, environment, roles) values ($1, $2, '7', 'olga', 'olga', 'floor', 'test', '{mover}')`,
        [tenant, agent],
      );
      await client.query('insert into agent_keys (tenant, key_hash, agent, generation) values ($1, $2, $3, 1)', [
        tenant,
        hash(prefix + agent),
        agent,
      ]);
    }
  }
}

async function request(
  url: string,
  method: string,
  path: string,
  { as, key, json, raw, headers }: RequestOptions,
): Promise<Reply> {
  const body = raw ?? (json === undefined ? undefined : JSON.stringify(json));
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(as !== undefined && { authorization: `Bearer ${secret(as)}` }),
      ...(key !== undefined && { 'idempotency-key': key }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const parsed: any = type.includes('json') ? JSON.parse(text) : undefined;
  if (type === 'application/problem+json') expectDocumented(method, path, parsed.code);
  return { status: response.status, headers: response.headers, text, body: parsed };
}

/** `pages`: what it serves besides the API. */
export async function startHarness(
  pages: (deps: Omit<GatewayDeps, 'pages'>) => readonly PageRoute[] = () => [],
): Promise<Harness> {
  const database = await createTestDatabase();
  const superuser = new Client({ connectionString: database.superuserUrl });
  await superuser.connect();
  await seed(superuser);
  const log: string[] = [];
  const logger = createLog({ write: (line: string) => void log.push(line) });
  const pool = createPool(database.gatewayUrl, (error) => logger.warn({ err: error }, 'idle connection'));
  const bundleKeys = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const submitted: StartableAction[] = [];
  const woken: StartableAction[] = [];
  const play: Harness['play'] = {
    submit: () => Promise.resolve('answered'),
    wake: () => Promise.resolve('woken'),
    fact: () => Promise.resolve({ kind: 'found', fact: { shelf: 's-3' } }),
    decision: { effect: 'allow', findings: [{ code: 'floor.mover', effect: 'allow' }], chains: [] },
  };
  const metrics = createGatewayMetrics(async () =>
    (await measureOperations(pool)).map(({ measure, label, value }) => ({
      gauge: `countersign_${measure}` as GaugeName,
      label,
      value,
    })),
  );
  const stops = await watchStops(pool, 'gateway', logger);
  const parts: Omit<GatewayDeps, 'pages'> = {
    pool,
    ledger: createLedger(pool),
    pdp: {
      bundle: { digest: `sha256:${'0'.repeat(64)}`, version: 1 },
      catalogue,
      validateParams: createParamsValidator(catalogue),
      decide: () => ({ ...play.decision, bundleDigest: `sha256:${'0'.repeat(64)}` }),
    },
    agentBundles: createAgentBundles(pool, bundleKeys.publicKey),
    ...{ agentTokens: agentTokensOf(bundleKeys), agentTurns: createAgentTurns() },
    facts: { read: ({ args }) => play.fact(args) },
    submit: (action) => (submitted.push(action), play.submit(action)),
    wake: (action) => (woken.push(action), play.wake(action)),
    stops,
    watch: createOutcomeWatch(pool),
    background: createBackground(logger),
    strangers: createStrangerCount(pool, logger, metrics),
    ...{ log: logger, metrics },
    mayScrape: createScraperCheck(undefined, false),
    readiness: createReadiness(
      [
        databaseCheck({
          condition: async () => await readCondition(pool),
          migration: newestMigration(),
          bundle: { digest: `sha256:${'0'.repeat(64)}`, version: 1 },
        }),
      ],
      logger,
    ),
    temporalAnswers: () => Promise.resolve(true),
    publicKeys: [{ kty: 'OKP', crv: 'Ed25519', kid: 'effects-00000000', x: 'AA' }],
    hostNames: hostNames({ mode: 'development', admin: { port: 0 } }),
  };
  const deps: GatewayDeps = { ...parts, pages: pages(parts) };
  const server = await listen(createGateway(deps, 'agents'), '127.0.0.1', 0);
  const adminServer = await listen(createGateway(deps, 'operators'), '127.0.0.1', 0);
  const [url, adminUrl] = [server, adminServer].map(({ port }) => `http://127.0.0.1:${String(port)}`) as [
    string,
    string,
  ];
  const send: Harness['request'] = (method, path, options = {}) =>
    request(/^\/v1\/(admin|init)\b/.test(path) ? adminUrl : url, method, path, options);
  return {
    ...{ database, pool, superuser, deps, url, adminUrl, log, submitted, woken, bundleKeys, play },
    request: send,
    act: (options = {}) =>
      send('POST', '/v1/actions', {
        as: 'agent',
        key: randomUUID(),
        json: { type: TYPE, params: PARAMS, waitMs: 0 },
        ...options,
      }),
    openApproval: async (action, { deadlineMs = 60_000, need = 1, reason = 'optional', tenant = 'acme' } = {}) => {
      const id = `apr-${action.slice(4)}-1`;
      const stages = [{ need, from: ['group:keepers'], eligible: ['bob', 'cleo'], reason, remindAfterMs: [] }];
      const { rows } = await superuser.query<{ digest: string }>(
        `insert into approval_requests (tenant, request, action, round, digest, chains, stages, opened_at, deadline, valid_for_ms)
         select tenant, $3, action, 1, digest, '{keepers-one}', $4::jsonb, now() - interval '1 hour', now() + $5 * interval '1 millisecond', 60000
         from action_rounds where tenant = $1 and action = $2 and round = 1 returning digest`,
        [tenant, action, id, JSON.stringify(stages), deadlineMs],
      );
      return { id, digest: rows[0]?.digest ?? '' };
    },
    stop: async () => {
      deps.watch.close();
      const now = { withinMs: 0, noticeMs: 0 };
      await Promise.all([server.close(now), adminServer.close(now)]);
      await deps.background.drain(5_000);
      await deps.strangers.flush();
      await stops.close();
      await Promise.all([pool.end(), superuser.end()]);
      await database.drop();
    },
  };
}
