import { buffer } from 'node:stream/consumers';
import { type AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type MailFault, MailFaults } from './mail-faults';
import { wireFault } from './wire-faults';

/** A mail as it arrived, for whom its envelope says. */
export interface ArrivedMail {
  readonly to: readonly string[];
  readonly raw: string;
  readonly parsed: ParsedMail;
}

/** A mail server on loopback that takes everything that is well formed and delivers nothing. */
export interface MailDouble {
  /** For SMTP_URL. */
  readonly url: string;
  readonly mails: readonly ArrivedMail[];
  /** What arrived and was refused for how it was written. */
  readonly malformed: readonly string[];
  /** The next mails, or connections where it is about those, meet this. */
  fail(fault: MailFault, times?: number): void;
  stop(): Promise<void>;
}

/** Longer than any client of ours waits. */
const LATE_MS = 8_000;

/** @param port 0, which is the default, takes a free one */
export async function startMailDouble(port = 0): Promise<MailDouble> {
  const mails: ArrivedMail[] = [];
  const malformed: string[] = [];
  const faults = new MailFaults();
  const waiting = new Set<NodeJS.Timeout>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    closeTimeout: 500,
    onConnect: (_session, done) => (faults.take('hang') === undefined ? done() : undefined),
    onData: (stream, session, done) => {
      take(stream, session).then(
        () => done(),
        (error: unknown) => done(error as Error),
      );
    },
  });
  // A client that goes away in the middle is one of the things that are tried here.
  server.on('error', () => undefined);

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const raw = await buffer(stream);
    const refused = faults.take(451, 550);
    if (typeof refused === 'number') throw answer(refused, 'not now');
    const wrong = wireFault(raw);
    if (wrong !== undefined) {
      malformed.push(wrong);
      throw answer(550, wrong);
    }
    const parsed = await simpleParser(raw);
    const to = session.envelope.rcptTo.map(({ address }) => address);
    mails.push({ to, raw: raw.toString('utf8'), parsed });
    const fault = faults.take('drop_after', 'late');
    if (fault === 'drop_after') cut(session);
    if (fault !== undefined) await new Promise<void>((resolve) => waiting.add(setTimeout(resolve, LATE_MS)));
  }

  function cut({ id }: SMTPServerSession): void {
    for (const connection of server.connections as Set<{ readonly session: { readonly id: string }; close(): void }>)
      if (connection.session.id === id) connection.close();
  }

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `smtp://127.0.0.1:${String((server.server.address() as AddressInfo).port)}`,
    ...{ mails, malformed },
    fail: (fault, times = 1) => faults.add(fault, times),
    stop: async () => {
      waiting.forEach((timer) => clearTimeout(timer));
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function answer(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}
