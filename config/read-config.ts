import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { type z } from 'zod';
import { channelProblems, mailSettings, slackSettings } from './channel-settings';
import { type Config, type DatabaseUrls, type TemporalSettings } from './config';
import { ConfigError, type ConfigProblem } from './config-error';
import { deepFreeze } from './deep-freeze';
import { fromFiles } from './from-files';
import { packageRoot } from './paths';
import { productionProblems } from './production-problems';
import { roleProblems } from './role-problems';
import { readTemporalSettings } from './read-temporal-settings';
import { secretVariables, targetVariables, type Variables, variables } from './variables';

/**
 * The environment as one validated, frozen object. Nothing else reads `process.env`.
 *
 * @throws ConfigError that names every problem at once, never with a value.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const { env, problems: unread } = fromFiles(withoutEmpty(environment));
  const own = variables.safeParse(env);
  const targets = targetVariables.safeParse(startingWith(env, TARGET));
  const secrets = secretVariables.safeParse(startingWith(env, SECRET));
  const temporal = readTemporalSettings(env);
  const broken = [
    ...unread,
    ...problemsOf(own.error),
    ...problemsOf(targets.error),
    ...problemsOf(secrets.error),
    ...('variable' in temporal ? [temporal] : []),
    ...channelProblems(own.data ?? {}),
  ];

  // What is malformed counts as absent for a moment, so that the rules of production can still judge the rest in the same message.
  const config = assemble(
    own.data ?? variables.parse(without(env, broken)),
    { targets: targets.data ?? {}, secrets: secrets.data ?? {} },
    'variable' in temporal ? NO_TEMPORAL : temporal,
  );
  const forbidden = [
    ...roleProblems(config),
    ...(config.mode === 'production' ? productionProblems(config).filter(isNewsBeside(broken)) : []),
  ];
  if (broken.length + forbidden.length > 0) throw new ConfigError([...broken, ...forbidden]);
  return deepFreeze(config);
}

/** How the variables begin that are named after what they are for. */
const TARGET = 'COUNTERSIGN_TARGET_';
const SECRET = 'COUNTERSIGN_SECRET_';

const NO_TEMPORAL: TemporalSettings = { namespace: 'countersign', connection: {} };

type Named = Readonly<Record<string, string>>;

function assemble(
  own: Variables,
  { targets, secrets }: { readonly targets: Named; readonly secrets: Named },
  temporal: TemporalSettings,
): Config {
  const home = resolve(own.COUNTERSIGN_HOME);
  return {
    mode: own.COUNTERSIGN_MODE,
    home,
    port: Number(own.COUNTERSIGN_PORT),
    admin: { port: Number(own.COUNTERSIGN_ADMIN_PORT), ...present({ url: withoutSlash(own.COUNTERSIGN_ADMIN_URL) }) },
    policies: resolve(own.COUNTERSIGN_POLICIES ?? join(packageRoot(), 'demo', 'policies')),
    keys: own.COUNTERSIGN_KEYS === undefined ? join(home, 'keys') : resolve(own.COUNTERSIGN_KEYS),
    ...present({
      metricsPort: own.COUNTERSIGN_METRICS_PORT === undefined ? undefined : Number(own.COUNTERSIGN_METRICS_PORT),
      workerPort: own.COUNTERSIGN_WORKER_PORT === undefined ? undefined : Number(own.COUNTERSIGN_WORKER_PORT),
      tracesUrl: withoutSlash(own.OTEL_EXPORTER_OTLP_ENDPOINT),
      metricsToken: own.COUNTERSIGN_METRICS_TOKEN,
      bundle: own.COUNTERSIGN_BUNDLE && resolve(own.COUNTERSIGN_BUNDLE),
      publicUrl: withoutSlash(own.COUNTERSIGN_PUBLIC_URL),
      buildId: own.COUNTERSIGN_BUILD_ID,
    }),
    database: present({
      superuser: own.DATABASE_URL_SUPERUSER,
      owner: own.DATABASE_URL,
      gateway: own.DATABASE_URL_GATEWAY,
      worker: own.DATABASE_URL_WORKER,
      loops: own.DATABASE_URL_LOOPS,
      auditor: own.DATABASE_URL_AUDITOR,
    }) satisfies DatabaseUrls,
    temporal,
    targets: Object.fromEntries(
      Object.entries(targets).map(([name, url]) => [idOf(TARGET, name), withoutSlash(url) ?? url]),
    ),
    secrets: Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [idOf(SECRET, name), secret])),
    ...present({ slack: slackSettings(own), mail: mailSettings(own) }),
    workerRole: own.COUNTERSIGN_WORKER_ROLE,
    client: present({ url: withoutSlash(own.COUNTERSIGN_URL), token: own.COUNTERSIGN_TOKEN }),
    tools: {
      ...present({
        temporal: own.COUNTERSIGN_TEMPORAL,
        opa: own.COUNTERSIGN_OPA,
        prometheus: own.COUNTERSIGN_PROMETHEUS,
        promtool: own.COUNTERSIGN_PROMTOOL,
        moduleProxy: moduleProxy(own.GOPROXY),
      }),
      searchPath: own.PATH.split(delimiter).filter(Boolean),
      cache: join(own.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'countersign'),
    },
  };
}

/** The first address of a list as Go understands it; `off` and `direct` are none. */
function moduleProxy(list: string): string | undefined {
  return withoutSlash(list.split(/[,|]/).find((entry) => /^https?:\/\//.test(entry)));
}

/** `COUNTERSIGN_TARGET_BANK_EU` → `bank-eu`: variables can hold neither a dash nor a lower-case letter everywhere. */
function idOf(start: string, variable: string): string {
  return variable.slice(start.length).toLowerCase().replaceAll('_', '-');
}

function startingWith(env: Named, start: string): Named {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith(start)));
}

function withoutSlash(url: string | undefined): string | undefined {
  return url?.replace(/\/+$/, '');
}

function withoutEmpty(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/** Only the members that have a value: `exactOptionalPropertyTypes` tells absent from undefined. */
function present<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function problemsOf(error: z.ZodError | undefined): ConfigProblem[] {
  return (error?.issues ?? []).map((issue) => {
    const [wrong = '', ...remedy] = issue.message.split('. ');
    return { variable: String(issue.path[0]), wrong, remedy: remedy.join('. ') };
  });
}

function without(env: Readonly<Record<string, string>>, broken: readonly ConfigProblem[]): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !broken.some(({ variable }) => variable === name)));
}

/** A variable that is malformed is not also called missing. */
function isNewsBeside(broken: readonly ConfigProblem[]): (problem: ConfigProblem) => boolean {
  return ({ variable }) => !broken.some((other) => other.variable === variable);
}
