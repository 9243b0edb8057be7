import { join } from 'node:path';
import { childEnvironment } from '../config/child-environment';
import { type Config } from '../config/config';
import { packageRoot } from '../config/paths';
import { readConfig } from '../config/read-config';
import { type Books } from './books/open-books';
import { CHANNEL, type Office, SENDER } from './office';
import { type DemoServices } from './services/start-demo-services';

interface Parts {
  readonly home: string;
  /** Of a server that is the demo's alone. */
  readonly databaseUrl: string;
  readonly services: DemoServices;
  readonly books: Books;
  /** Absent: people are told by nothing but looking. */
  readonly office?: Office;
}

/** The demo's own settings; of the environment only what says where tools are. */
export function demoConfig({ home, databaseUrl, services: { erp, payments }, books, office }: Parts): Config {
  return readConfig(
    childEnvironment({
      hide: [
        'COUNTERSIGN_HOME',
        'COUNTERSIGN_KEYS',
        'COUNTERSIGN_BUNDLE',
        'COUNTERSIGN_PUBLIC_URL',
        'COUNTERSIGN_MODE',
        'COUNTERSIGN_TARGET_',
        'COUNTERSIGN_SECRET_',
        'DATABASE_URL',
        'TEMPORAL_',
        'SLACK_',
        'SMTP_',
        'MAIL_',
      ],
      set: {
        COUNTERSIGN_HOME: home,
        COUNTERSIGN_PORT: '0',
        COUNTERSIGN_ADMIN_PORT: '0',
        COUNTERSIGN_POLICIES: join(packageRoot(), 'demo', 'policies'),
        COUNTERSIGN_TARGET_ERP: erp.url,
        COUNTERSIGN_TARGET_PAYMENTS: payments.url,
        COUNTERSIGN_TARGET_BOOKS: books.url,
        COUNTERSIGN_SECRET_BOOKS_MINTER: books.minterPassword,
        DATABASE_URL: databaseUrl,
        ...(office !== undefined && channelsOf(office)),
      },
    }),
  );
}

function channelsOf({ slack, mail }: Office): Readonly<Record<string, string>> {
  return {
    SLACK_API_URL: slack.url,
    SLACK_BOT_TOKEN: slack.workspace.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_TEAM: slack.workspace.team,
    SLACK_CHANNEL: CHANNEL,
    SMTP_URL: mail.url,
    MAIL_FROM: SENDER,
  };
}
