import { z } from 'zod';
import { ID_PATTERN } from '../domain/ids';

/** Of a malformed variable the message says: `<what is wrong>. <what to write>`, without the value. */
function unless(wrong: string, remedy: string, holds: (value: string) => boolean): z.ZodString {
  return z.string().refine(holds, { error: `${wrong}. ${remedy}` });
}

function parsesAsUrl(value: string, protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol);
}

function isPlain({ username, password, search, hash }: URL): boolean {
  return username + password + search + hash === '';
}

const WEB = ['http:', 'https:'];
const POSTGRES = ['postgres:', 'postgresql:'];

const port = unless(
  'is not a port',
  'Write a whole number from 0 (any free port) to 65535.',
  (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65535,
);

const databaseUrl = unless(
  'is not a Postgres URL',
  'Write postgres://<user>:<password>@<host>:<port>/<database>.',
  (value) => parsesAsUrl(value, POSTGRES) && new URL(value).pathname.length > 1,
);

const webUrl = unless(
  'is not a plain http or https URL',
  'Write for example https://countersign.example.org, without user, query or fragment.',
  (value) => parsesAsUrl(value, WEB) && isPlain(new URL(value)),
);

const targetUrl = unless(
  'is not an address that a target may have',
  'Write an http or https URL without user, query or fragment, or postgres://<host>:<port>/<database>, which sslmode may follow.',
  (value) =>
    (parsesAsUrl(value, WEB) && isPlain(new URL(value))) ||
    (parsesAsUrl(value, POSTGRES) && /^[^@?#]+(\?sslmode=(disable|verify-full))?$/.test(value)),
);

function slackId(...first: readonly string[]): z.ZodString {
  return unless(
    'is no Slack id',
    `Write the id, which begins with ${first.join(' or ')}, and not the name.`,
    (value) => /^[A-Z0-9]{2,32}$/.test(value) && first.includes(value.slice(0, 1)),
  );
}

/** The variables with a shape of their own. Empty means absent: a shell, a compose file and a CI form all write `NAME=` for «not set». */
export const variables = z.object({
  COUNTERSIGN_MODE: z
    .enum(['development', 'production'], { error: 'is no mode. Write development or production.' })
    .default('development'),
  COUNTERSIGN_HOME: z.string().default('.countersign'),
  COUNTERSIGN_PORT: port.default('8420'),
  COUNTERSIGN_ADMIN_PORT: port.default('8421'),
  COUNTERSIGN_METRICS_PORT: port.optional(),
  COUNTERSIGN_WORKER_PORT: port.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: webUrl.optional(),
  COUNTERSIGN_METRICS_TOKEN: unless(
    'is too short, or has a space or a line break in it',
    'Write at least 16 visible characters.',
    (value) => /^[\x21-\x7e]{16,}$/.test(value),
  ).optional(),
  COUNTERSIGN_POLICIES: z.string().optional(),
  COUNTERSIGN_KEYS: z.string().optional(),
  COUNTERSIGN_BUNDLE: z.string().optional(),
  COUNTERSIGN_PUBLIC_URL: webUrl.optional(),
  COUNTERSIGN_ADMIN_URL: webUrl.optional(),
  COUNTERSIGN_WORKER_ROLE: z
    .enum(['workflows', 'effects', 'both'], { error: 'is no role. Write workflows, effects or both.' })
    .default('both'),
  COUNTERSIGN_BUILD_ID: unless(
    'is no build id',
    'Write 1 to 63 letters, digits, dots, hyphens and underscores.',
    (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(value),
  ).optional(),
  COUNTERSIGN_URL: webUrl.optional(),
  COUNTERSIGN_TOKEN: unless(
    'has a space or a line break in it',
    'Write the token alone.',
    (value) => !/\s/.test(value),
  ).optional(),
  SLACK_BOT_TOKEN: unless('is no bot token', 'Write the one that begins with xoxb-.', (value) =>
    /^xoxb-[\w-]+$/.test(value),
  ).optional(),
  SLACK_SIGNING_SECRET: unless(
    'is no signing secret',
    'Write the one of the app; while it is being replaced both, with a comma between them.',
    (value) => /^[\x21-\x2b\x2d-\x7e]{16,}(,[\x21-\x2b\x2d-\x7e]{16,})?$/.test(value),
  ).optional(),
  SLACK_CHANNEL: slackId('C', 'G').optional(),
  SLACK_TEAM: slackId('T').optional(),
  SLACK_TENANT: z.string().regex(ID_PATTERN, { error: 'is no tenant. Write its id.' }).default('demo'),
  SLACK_API_URL: webUrl.optional(),
  SMTP_URL: unless(
    'is no address of a mail server',
    'Write smtp://<user>:<password>@<host>:<port>, or smtps://….',
    (value) => parsesAsUrl(value, ['smtp:', 'smtps:']),
  ).optional(),
  MAIL_FROM: unless('is no plain address', 'Write <name>@<host> alone.', (value) =>
    /^[\w.+-]{1,64}@[\w.-]{1,189}$/.test(value),
  ).optional(),
  COUNTERSIGN_TEMPORAL: z.string().optional(),
  COUNTERSIGN_OPA: z.string().optional(),
  COUNTERSIGN_PROMETHEUS: z.string().optional(),
  COUNTERSIGN_PROMTOOL: z.string().optional(),
  PATH: z.string().default(''),
  XDG_CACHE_HOME: z.string().optional(),
  GOPROXY: z.string().default('https://proxy.golang.org'),
  DATABASE_URL: databaseUrl.optional(),
  DATABASE_URL_SUPERUSER: databaseUrl.optional(),
  DATABASE_URL_GATEWAY: databaseUrl.optional(),
  DATABASE_URL_WORKER: databaseUrl.optional(),
  DATABASE_URL_LOOPS: databaseUrl.optional(),
  DATABASE_URL_AUDITOR: databaseUrl.optional(),
});

export type Variables = z.infer<typeof variables>;

/** Addresses of targets: `COUNTERSIGN_TARGET_BANK_EU` is that of target `bank-eu`. */
export const targetVariables = z.record(z.string().regex(/^COUNTERSIGN_TARGET_[A-Z0-9_]{1,63}$/), targetUrl);

/** Secrets that targets refer to: `COUNTERSIGN_SECRET_BOOKS_MINTER` is `books-minter`. */
export const secretVariables = z.record(z.string().regex(/^COUNTERSIGN_SECRET_[A-Z0-9_]{1,63}$/), z.string());
