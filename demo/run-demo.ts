import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Countersign } from '../client/countersign';
import { createDatabase } from '../stack/create-database';
import { createUndoList } from '../stack/create-undo-list';
import { startEmbeddedPostgres } from '../stack/embedded-postgres';
import { type RunningStack, startStack } from '../stack/start-stack';
import { type Audience } from './audience';
import { type Books, openBooks } from './books/open-books';
import { demoConfig } from './demo-config';
import { cardsOf } from './doubles/slack/cards-of';
import { SlackPerson } from './doubles/slack/slack-person';
import { GatewayApprover } from './gateway-approver';
import { InvoiceAgent } from './invoice-agent';
import { MailApprover } from './mail-approver';
import { type Narrator } from './narrator';
import { ACCOUNTS, MAILBOXES, type Office, openOffice, REACH } from './office';
import { cardsSettled } from './reckoning/cards-settled';
import { credentialsAlive } from './reckoning/credentials-alive';
import { readLedger } from './reckoning/read-ledger';
import { reckon, type Reckoning } from './reckoning/reckoning';
import { type DemoServices, startDemoServices } from './services/start-demo-services';
import { SlackApprover } from './slack-approver';
import { type Stage } from './story/stage';
import { tellStory } from './story/tell-story';

const TENANT = 'demo';

export interface DemoOptions {
  readonly tell: Narrator;
  readonly audience: Audience;
  /** Ends it early; everything is stopped then too. */
  readonly signal: AbortSignal;
  /** Is shown the result, and where everything is, while all of it still runs. */
  readonly present: (reckoning: Reckoning, addresses: Addresses) => Promise<void>;
}

/** Where things are, by what they are, for people. */
export type Addresses = Readonly<Record<string, string>>;

interface Scene {
  readonly stack: RunningStack;
  readonly services: DemoServices;
  readonly books: Books;
  readonly office: Office;
  readonly home: string;
}

/** Runs the demo on a stack of its own, in a directory that is gone afterwards: it neither finds nor leaves anything. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { tell, signal } = options;
  const directory = await mkdtemp(join(tmpdir(), 'countersign-demo-'));
  const stops = createUndoList();
  stops.add(() => rm(directory, { recursive: true, force: true }));
  const begun = async <T>(starting: Promise<T>, stop: (part: T) => Promise<void>): Promise<T> => {
    const part = await starting;
    stops.add(() => stop(part));
    signal.throwIfAborted();
    return part;
  };
  try {
    // Postgres may run under another account, and must pass.
    await chmod(directory, 0o711);
    const report = (line: string): void => tell.note(line);
    const services = await begun(startDemoServices(join(directory, 'services')), (part) => part.stop());
    const office = await begun(openOffice(), (part) => part.stop());
    report('Starting Postgres, for Countersign and for the company …');
    // Nothing of this outlives the demo, so nothing has to survive a crash of the machine.
    const server = startEmbeddedPostgres({ directory: join(directory, 'postgres'), report, durable: false });
    const { superuserUrl } = await begun(server, (part) => part.stop());
    const books = await begun(openBooks(superuserUrl), (part) => part.close());
    const home = join(directory, 'home');
    const databaseUrl = await createDatabase(superuserUrl, 'countersign');
    const config = demoConfig({ home, databaseUrl, services, books, office });
    const stack = await begun(startStack({ config, report, reach: REACH, signal }), (part) => part.stop());
    services.trust(`${stack.gatewayUrl}/.well-known/jwks.json`);
    await Promise.race([aborted(signal), play({ stack, services, books, office, home }, options)]);
  } finally {
    await stops.undoAll();
  }
}

async function play(scene: Scene, { tell, audience, present }: DemoOptions): Promise<void> {
  const { stack, services, books, office, home } = scene;
  if (stack.temporalUiUrl !== undefined)
    tell.note(`While this runs, every action is to be seen at ${stack.temporalUiUrl}`);
  const { handled, lent } = await tellStory(stageOf(scene, tell, audience));
  tell.chapter('The reckoning: what the targets saw against what the ledger proves');
  await cardsSettled(office.slack.book);
  const liveCredentials = await credentialsAlive(services, books);
  const ledger = await readLedger({ home, databaseUrl: stack.databaseUrl, tenant: TENANT });
  const witness = [...services.erp.book.records(), ...services.payments.book.records(), ...(await books.witness())];
  const rolesSeen = await books.rolesSeen();
  const { mails, malformed } = office.mail;
  const told = { cards: cardsOf(office.slack.book), mails: mails.length, malformed };
  await present(reckon({ handled, lent, witness, ledger, rolesSeen, liveCredentials, told }), addressesOf(scene));
}

function stageOf({ stack, services, books, office }: Scene, tell: Narrator, audience: Audience): Stage {
  const gateway = { url: stack.gatewayUrl, key: stack.agentKey };
  const bob = new SlackPerson(ACCOUNTS.bob, office.slack, `${stack.gatewayUrl}/slack/interactions`);
  return {
    agent: new InvoiceAgent(new Countersign(gateway), gateway),
    people: {
      bob: new SlackApprover('bob', bob, office.slack.book),
      carol: new MailApprover('carol', MAILBOXES.carol, office.mail),
    },
    bobAtTheGateway: new GatewayApprover('bob', stack.gatewayUrl, stack.people.bob.token),
    services,
    books,
    killWorker: () => stack.killWorker('SIGKILL'),
    tell,
    audience,
  };
}

function addressesOf({ stack, services, books }: Scene): Addresses {
  return {
    gateway: stack.gatewayUrl,
    ...(stack.temporalUiUrl !== undefined && { 'Temporal UI': stack.temporalUiUrl }),
    erp: services.erp.url,
    payments: services.payments.url,
    books: books.url,
    logs: stack.logDirectory,
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
