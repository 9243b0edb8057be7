import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from './config';
import { type ConfigProblem } from './config-error';
import { packageRoot } from './paths';

/** `stack/create-keys` leaves this file beside the keys that it makes. */
export const GENERATED_KEYS_MARKER = 'GENERATED-FOR-DEVELOPMENT';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)(:\d+)?$/;

type Rule = (config: Config) => ConfigProblem | false;

const problem = (variable: string, wrong: string, remedy: string): ConfigProblem => ({ variable, wrong, remedy });

/** Names that a Postgres server is born with. A superuser by another name is found when the processes connect. */
const isBornSuperuser = (url: string | undefined): boolean =>
  url !== undefined && ['postgres', ''].includes(new URL(url).username);

const roleRule =
  (role: 'gateway' | 'worker' | 'loops' | 'auditor'): Rule =>
  ({ database }) =>
    isBornSuperuser(database[role]) &&
    problem(
      `DATABASE_URL_${role.toUpperCase()}`,
      'belongs to a superuser',
      `Write the URL of the role countersign_${role}.`,
    );

const rules: readonly Rule[] = [
  ({ database }) =>
    Object.keys(database).length === 0 &&
    problem(
      'DATABASE_URL_*',
      'is missing, and the embedded database is for development',
      'Write the URLs of the roles on a Postgres server.',
    ),
  ({ database }) =>
    isBornSuperuser(database.owner) &&
    problem('DATABASE_URL', 'belongs to a superuser', 'Write the URL of the role countersign_owner.'),
  roleRule('gateway'),
  roleRule('worker'),
  roleRule('loops'),
  roleRule('auditor'),
  ({ keys }) =>
    existsSync(join(keys, GENERATED_KEYS_MARKER)) &&
    problem(
      'COUNTERSIGN_KEYS',
      'names keys that were generated for development',
      'Name a directory with keys of your own.',
    ),
  ({ policies }) =>
    policies === join(packageRoot(), 'demo', 'policies') &&
    problem('COUNTERSIGN_POLICIES', "is missing or names the demo's policies", 'Name a directory of your own.'),
  ({ publicUrl }) =>
    publicUrl?.startsWith('https://') !== true &&
    problem('COUNTERSIGN_PUBLIC_URL', 'is missing or without https', 'Write the https URL of the gateway.'),
  ({ admin }) =>
    admin.url?.startsWith('https://') === false &&
    problem('COUNTERSIGN_ADMIN_URL', 'is without https', 'Write the https URL of the listener for operators.'),
  ({ slack }) =>
    slack?.apiUrl !== undefined &&
    problem('SLACK_API_URL', 'sends cards to something that is not Slack', 'Leave it out.'),
  ({ temporal }) =>
    temporal.address === undefined &&
    problem(
      'TEMPORAL_ADDRESS',
      'is missing, and the embedded server is for development',
      'Write <host>:<port> of the cluster.',
    ),
  ({ temporal: { address, connection } }) =>
    address !== undefined &&
    !LOOPBACK.test(address) &&
    (connection.tls ?? false) === false &&
    problem(
      'TEMPORAL_TLS',
      'is not on, and the server is on another machine',
      'Write true, or name certificates with TEMPORAL_TLS_*.',
    ),
];

/** What may be used while developing and must never serve anyone: each of these would undo a promise without a sign of it. */
export function productionProblems(config: Config): ConfigProblem[] {
  return rules.map((rule) => rule(config)).filter((found) => found !== false);
}
