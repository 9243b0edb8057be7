import { type Config } from '../config/config';
import { type ChildSettings } from '../config/child-environment';
import { type RunningDatabase } from './start-database';
import { type RunningTemporal } from './start-temporal';

export interface Parts {
  readonly config: Config;
  readonly database: RunningDatabase;
  readonly temporal: RunningTemporal;
  readonly bundle: string;
  readonly port: number;
  readonly adminPort: number;
}

/** What a worker or a gateway is told. It inherits none of our connections: each process gets those of its own roles and no others. */
export function stackSettings(
  name: 'worker' | 'gateway',
  { config, database, temporal, bundle, port, adminPort }: Parts,
): ChildSettings {
  const { urls } = database;
  const urlsOf = {
    gateway: { DATABASE_URL_GATEWAY: urls.gateway },
    worker: { DATABASE_URL_WORKER: urls.worker, DATABASE_URL_LOOPS: urls.loops },
  };
  const embedded = config.temporal.address === undefined;
  return {
    hide: ['DATABASE_URL', 'COUNTERSIGN_', 'SLACK_', 'SMTP_', 'MAIL_', ...(embedded ? ['TEMPORAL_'] : [])],
    set: {
      COUNTERSIGN_MODE: config.mode,
      COUNTERSIGN_HOME: config.home,
      COUNTERSIGN_PORT: String(port),
      COUNTERSIGN_ADMIN_PORT: String(adminPort),
      COUNTERSIGN_POLICIES: config.policies,
      COUNTERSIGN_KEYS: config.keys,
      COUNTERSIGN_BUNDLE: bundle,
      COUNTERSIGN_PUBLIC_URL: config.publicUrl ?? `http://127.0.0.1:${String(port)}`,
      ...Object.fromEntries(Object.entries(config.targets).map(([id, url]) => [variable('TARGET', id), url])),
      ...urlsOf[name],
      ...channelVariables(config),
      ...(config.metricsToken !== undefined && { COUNTERSIGN_METRICS_TOKEN: config.metricsToken }),
      ...(config.metricsPort !== undefined && { COUNTERSIGN_METRICS_PORT: String(config.metricsPort) }),
      ...(config.workerPort !== undefined && { COUNTERSIGN_WORKER_PORT: String(config.workerPort) }),
      ...(name === 'worker' && { COUNTERSIGN_WORKER_ROLE: config.workerRole }),
      // Only a worker acts on targets.
      ...(name === 'worker' &&
        Object.fromEntries(Object.entries(config.secrets).map(([id, secret]) => [variable('SECRET', id), secret]))),
      ...(embedded && { TEMPORAL_ADDRESS: temporal.address }),
      TEMPORAL_NAMESPACE: temporal.namespace,
    },
  };
}

/** `bank-eu` → `COUNTERSIGN_TARGET_BANK_EU`. */
function variable(kind: 'TARGET' | 'SECRET', id: string): string {
  return `COUNTERSIGN_${kind}_${id.toUpperCase().replaceAll('-', '_')}`;
}

/** Worker and gateway both send: cards and mails the one, forms and codes the other. */
function channelVariables({ slack, mail }: Config): Record<string, string> {
  return {
    ...(slack && {
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecrets.join(','),
      SLACK_CHANNEL: slack.channel,
      SLACK_TEAM: slack.team,
      SLACK_TENANT: slack.tenant,
      ...(slack.apiUrl !== undefined && { SLACK_API_URL: slack.apiUrl }),
    }),
    ...(mail && { SMTP_URL: mail.url, MAIL_FROM: mail.from }),
  };
}
