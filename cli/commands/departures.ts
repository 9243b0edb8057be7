import { setTimeout as later } from 'node:timers/promises';
import { type Command } from 'commander';
import { hint, print, printJson, say, table } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface LeaveOptions extends Options {
  readonly reason: string;
  readonly agentsTo?: string;
}

interface Departure {
  readonly person: string;
  readonly agentsTo: string | null;
  readonly finishedAt: string | null;
  readonly became: readonly Became[];
}

interface Became {
  readonly kind: string;
  readonly outcome: string;
  readonly count: number;
  readonly subjects: readonly string[];
}

/** Mostly it takes less than a second; whoever has a thousand agents, or no Temporal, looks again later. */
const WAIT_MS = 20_000;

/** `countersign people leave|departure`: somebody goes, and what becomes of what hung on them. */
export function addDepartures(people: Command): void {
  withAdminSession(people.command('leave').argument('<id>').description('somebody left: their logins and votes end'))
    .requiredOption('--reason <words>', 'why; it is kept beside the ledger')
    .option('--agents-to <person>', 'who owns their agents from now on; without one these stop')
    .action(leave);
  withAdminSession(
    people.command('departure').argument('<id>').description('what became of what hung on somebody'),
  ).action(async (id: string, options: Options) => show(await read(id, options), options));
}

const pathOf = (id: string, below: string): string => `/v1/admin/people/${encodeURIComponent(id)}/${below}`;

async function leave(id: string, { reason, agentsTo, ...options }: LeaveOptions): Promise<void> {
  const body = { do: 'leave', agentsTo, reason };
  await openAdminSession(options).send({ method: 'POST', path: pathOf(id, 'changes'), body });
  const until = performance.now() + WAIT_MS;
  let departure = await read(id, options);
  while (departure.finishedAt === null && performance.now() < until) {
    await later(200);
    departure = await read(id, options);
  }
  show(departure, options);
}

async function read(id: string, options: Options): Promise<Departure> {
  const { body } = await openAdminSession(options).send({ method: 'GET', path: pathOf(id, 'departure') });
  return body as Departure;
}

const WORDS: Readonly<Record<string, string>> = {
  handed_over: 'agents handed over',
  quarantined: 'agents quarantined',
  rejected: 'agents not let in any more',
  offboarding: 'agents that are being offboarded',
  known: 'agents of which they know a key that is good',
  rerouted: 'approvals left to the others',
  unanswerable: 'approvals that nobody is left for, denied',
  empty: 'groups with nobody left',
  ownerless: 'teams in which nobody owns an agent',
};

function show(departure: Departure, { json = false }: Options): void {
  if (json) return printJson(departure);
  const { person, agentsTo, finishedAt, became } = departure;
  say(`${person} left; ${agentsTo === null ? 'their agents go to nobody' : `their agents go to ${agentsTo}`}.`);
  const rows = became.map(({ outcome, count, subjects }) => [
    WORDS[outcome] ?? outcome,
    String(count),
    `${subjects.join(', ')}${count > subjects.length ? ', …' : ''}`,
  ]);
  if (rows.length > 0) print(table(['what became', '', 'of'], rows));
  else if (finishedAt !== null) say('Nothing hung on them.');
  if (finishedAt === null) {
    say('It goes on by itself.');
    hint(`countersign people departure ${person}`);
  }
  const first = (outcome: string): string | undefined => became.find((each) => each.outcome === outcome)?.subjects[0];
  const [stopped, known] = [first('quarantined'), first('known')];
  if (stopped !== undefined) hint(`countersign agents resume ${stopped} --owner <person> --reason <words>`);
  if (known !== undefined) say(`${person} knows keys of agents that go on: rotate them (docs/playbooks/2-rotate.md).`);
}
