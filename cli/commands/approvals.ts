import { Command } from 'commander';
import { type GatewayConnection } from '../../client/gateway-connection';
import { allPages } from '../all-pages';
import { ask } from '../ask';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say, table, when } from '../output';
import { openSession, type SessionOptions, withSession } from '../session';
import { type Approval, checkDigest, showApproval } from '../show-approval';

interface Options extends SessionOptions {
  readonly json?: boolean;
}

interface VoteOptions extends Options {
  readonly yes?: boolean;
  readonly reason?: string;
}

/** `countersign approvals …`: what a person decides. */
export function approvalsCommand(): Command {
  const approvals = new Command('approvals').description('see and decide what waits for people');
  withSession(approvals.command('list').description('list what you may decide'))
    .option('--all', 'list what anybody may decide')
    .action(list);
  withSession(approvals.command('show').argument('<id>').description('show exactly what would run')).action(show);
  for (const choice of ['approve', 'deny'] as const) {
    withSession(approvals.command(choice).argument('<id>').description(`${choice} what "show" shows`))
      .option('--reason <words>', choice === 'deny' ? 'why; the agent is not told who' : 'why')
      .option('--yes', 'do not ask again')
      .action((id: string, options: VoteOptions) => vote(id, choice, options));
  }
  return approvals;
}

interface Listed {
  readonly id: string;
  readonly headline: string;
  readonly risk: string;
  readonly agent: string;
  readonly deadline: string;
}

async function list({ all = false, json = false, ...session }: Options & { readonly all?: boolean }): Promise<void> {
  const filter = all ? {} : { for: 'me' };
  const approvals = await allPages<Listed>(openSession(session), '/v1/approvals', 'approvals', filter);
  if (json) return printJson({ approvals });
  if (approvals.length === 0) return say(all ? 'Nothing waits for anybody.' : 'Nothing waits for you.');
  print(
    table(
      ['request', 'what', 'risk', 'agent', 'deadline'],
      approvals.map((each) => [each.id, each.headline, each.risk, each.agent, when(each.deadline, Date.now())]),
    ),
  );
  hint(`countersign approvals show ${approvals[0]?.id ?? '<id>'}`, session);
}

async function fetchApproval(gateway: GatewayConnection, id: string): Promise<Approval> {
  const { body } = await gateway.send({ method: 'GET', path: `/v1/approvals/${encodeURIComponent(id)}` });
  return body as Approval;
}

async function show(id: string, { json = false, ...session }: Options): Promise<void> {
  const approval = await fetchApproval(openSession(session), id);
  if (json) return printJson(approval);
  print(showApproval(approval, Date.now()));
  if (approval.state === 'open') hint(`countersign approvals approve ${id} (or deny)`, session);
}

/** Votes on the digest of what was shown a moment ago, and on nothing else. */
async function vote(
  id: string,
  choice: 'approve' | 'deny',
  { yes = false, reason, json = false, ...session }: VoteOptions,
): Promise<void> {
  const gateway = openSession(session);
  const approval = await fetchApproval(gateway, id);
  say(showApproval(approval, Date.now()));
  if (checkDigest(approval) === 'other')
    throw new CommandFailed(
      EXIT.refused,
      'What the gateway shows is not what would run. Do not decide on it; tell whoever runs Countersign.',
    );
  const why = reason ?? (choice === 'deny' ? await ask('\nWhy? ', 'give --reason.') : undefined);
  if (
    !yes &&
    !/^y(es)?$/i.test(await ask(`\n${choice === 'approve' ? 'Approve' : 'Deny'} exactly this? [y/N] `, 'give --yes.'))
  ) {
    throw new CommandFailed(EXIT.refused, 'Nothing was recorded.');
  }
  const { body } = await gateway.send({
    method: 'POST',
    path: `/v1/approvals/${encodeURIComponent(id)}/votes`,
    headers: { 'countersign-channel': 'cli' },
    body: { choice, digest: approval.digest, ...(why !== undefined && { reason: why }) },
  });
  if (json) printJson(body);
  else say(`\nRecorded: you ${choice === 'approve' ? 'approved' : 'denied'} it.`);
  hint(`countersign actions show ${approval.action}`);
}
