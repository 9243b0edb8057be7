import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type MailDouble } from '../../demo/doubles/mail/start-mail-double';
import { type SlackDouble } from '../../demo/doubles/slack/start-slack-double';
import { fetchHistories } from '../helpers/histories';
import { logDirectory } from '../helpers/processes';
import { type Spine } from '../helpers/spine';
import { type World } from '../helpers/world';
import { testServers } from '../setup/servers';

/** Where something could have been written down, with all that is written there. */
export type Places = Readonly<Record<string, string>>;

/** A secret as it may be written: as it is, in hexadecimal, and in both kinds of base64, wherever in a longer text it begins. */
export function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const within = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters hold bits of their neighbours.
    return text.slice(Math.ceil((before * 4) / 3), -1);
  });
  return [
    secret,
    bytes.toString('hex'),
    ...within,
    ...within.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
}

/** Every place in which one of the secrets is, in whatever form. */
export function leaksOf(secrets: Readonly<Record<string, string>>, places: Places): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const forms = formsOf(secret);
    return Object.entries(places)
      .filter(([, text]) => forms.some((form) => text.includes(form)))
      .map(([place]) => `${name} is in ${place}`);
  });
}

interface Written {
  readonly spine: Spine;
  readonly rows: World['rows'];
  readonly slack: SlackDouble;
  readonly mail: MailDouble;
}

/** Everything that is written down anywhere but in the files of keys, the file of demo logins, and at the targets. */
export async function placesOf({ spine, rows, slack, mail }: Written): Promise<Places> {
  const histories = await fetchHistories(spine);
  const metrics = await fetch(`${spine.adminUrl}/metrics`);
  return {
    'the histories': histories.map(({ raw }) => raw).join('\n'),
    'the histories, decoded': histories.map(({ decoded }) => decoded).join('\n'),
    'the files of Temporal': filesOfTemporal(),
    ...(await tablesOf(rows)),
    'the logs': textOf(logDirectory()),
    'the checkpoints': textOf(join(spine.home, 'checkpoints')),
    'the metrics': await metrics.text(),
    Slack: JSON.stringify([slack.book.messages, slack.book.ephemerals, slack.book.views, slack.calls]),
    'the mails': mail.mails.map(({ raw, parsed }) => [raw, parsed.text, parsed.html].join('\n')).join('\n'),
  };
}

/** With what no history tells: memos, search attributes, details of heartbeats, what was said of attempts that failed. */
export function filesOfTemporal(): string {
  return textOf(join(testServers().directory, 'temporal'));
}

async function tablesOf(rows: World['rows']): Promise<Places> {
  const tables = await rows<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace`,
  );
  const dumps = await Promise.all(
    tables.map(async ({ name }) => {
      const [dump] = await rows<{ text: string }>(
        `select coalesce(string_agg(t::text, e'\\n'), '') as text from ${name} t`,
      );
      return [`table ${name}`, dump?.text ?? ''] as const;
    }),
  );
  return Object.fromEntries(dumps);
}

/** All files below, byte for byte. */
function textOf(directory: string): string {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}
