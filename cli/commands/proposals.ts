import { Command } from 'commander';
import { visibleText } from '../../domain/visible-text';
import { type JsonObject } from '../../domain/json';
import { allPages } from '../all-pages';
import { ask } from '../ask';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table, when } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface DecideOptions extends Options {
  readonly reason: string;
  readonly yes?: boolean;
}

interface Proposal {
  readonly id: string;
  readonly verb: string;
  readonly subject: string;
  readonly what: JsonObject;
  readonly digest: string;
  readonly proposedBy: string;
  readonly expiresAt: string;
  readonly state: string;
}

/** `countersign proposals …`: what one person wants and another has to confirm. */
export function proposalsCommand(): Command {
  const proposals = new Command('proposals').description('see and decide what takes two people');
  withAdminSession(proposals.command('list').description('list what is open')).action(list);
  withAdminSession(proposals.command('show').argument('<id>').description('show exactly what is proposed')).action(
    show,
  );
  for (const choice of ['confirm', 'reject'] as const)
    withAdminSession(proposals.command(choice).argument('<id>').description(`${choice} what "show" shows`))
      .requiredOption('--reason <words>', 'why; it is kept beside the ledger')
      .option('--yes', 'do not ask again')
      .action((id: string, options: DecideOptions) => decide(id, choice, options));
  return proposals;
}

async function find(id: string, session: SessionOptions): Promise<Proposal> {
  const path = `/v1/admin/proposals/${encodeURIComponent(id)}`;
  const { body } = await openAdminSession(session).send({ method: 'GET', path });
  const found = body as Proposal;
  if (found.state !== 'open') throw new CommandFailed(EXIT.refused, `No proposal ${id} is open.`);
  return found;
}

async function list({ json = false, ...session }: Options): Promise<void> {
  const proposals = await allPages<Proposal>(openAdminSession(session), '/v1/admin/proposals', 'proposals');
  if (json) return printJson({ proposals });
  if (proposals.length === 0) return say('Nothing waits for a second person.');
  print(
    table(
      ['proposal', 'what', 'of', 'proposed by', 'until'],
      proposals.map((each) => [each.id, each.verb, each.subject, each.proposedBy, when(each.expiresAt, Date.now())]),
    ),
  );
  hint(`countersign proposals show ${proposals[0]?.id ?? '<id>'}`, session);
}

async function show(id: string, { json = false, ...session }: Options): Promise<void> {
  const proposal = await find(id, session);
  if (json) return printJson(proposal);
  print(told(proposal));
  hint(`countersign proposals confirm ${id} --reason <words> (or reject)`, session);
}

/** Decides on the digest of what was shown a moment ago, and on nothing else. */
async function decide(
  id: string,
  choice: 'confirm' | 'reject',
  { reason, yes = false, json = false, ...session }: DecideOptions,
): Promise<void> {
  const proposal = await find(id, session);
  say(told(proposal));
  if (
    !yes &&
    !/^y(es)?$/i.test(await ask(`\n${choice === 'confirm' ? 'Confirm' : 'Reject'} exactly this? [y/N] `, 'give --yes.'))
  )
    throw new CommandFailed(EXIT.refused, 'Nothing was recorded.');
  const { body } = await openAdminSession(session).send({
    method: 'POST',
    path: `/v1/admin/proposals/${encodeURIComponent(id)}/decision`,
    body: { choice, digest: proposal.digest, reason },
  });
  if (json) printJson(body);
  else say(`\nRecorded: you ${choice}ed it.`);
}

/** What others wrote is on one line each, with its invisible characters. */
function told({ verb, subject, proposedBy, what, digest }: Proposal): string {
  return [
    `${verb} ${subject}, proposed by ${proposedBy}`,
    ...Object.entries(what).map(([name, value]) => `  ${name} = ${JSON.stringify(value)}`),
    `  digest ${digest}`,
  ]
    .map(visibleText)
    .join('\n');
}
