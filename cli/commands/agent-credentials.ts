import { Command, InvalidArgumentError } from 'commander';
import { hint, print, printJson, say } from '../output';
import { openAdminSession, type SessionOptions, withAdminSession } from '../session';
import { agentPath, reasoned, type ReasonOptions } from './agent-lives';

/** `countersign agents credential …`: the keys that agents make for themselves. For whoever operates the agent, or owns it. */
export function agentCredentialCommand(): Command {
  const credential = new Command('credential').description(
    'let an agent register a key of its own, have it register another, or end its keys',
  );
  withAdminSession(
    credential.command('issue').argument('<agent>').description('a secret by which it registers a key, once'),
  )
    .option('--hours <n>', 'how long a key is good for, 168 at most (default: 24)', hours)
    .action(issue);
  reasoned(credential.command('rotate').argument('<agent>').description('have it register another key soon')).action(
    rotate,
  );
  reasoned(credential.command('revoke').argument('<agent>').description('end its keys and their tokens at once'))
    .option('--key <id>', 'that one, and all that were registered under it by rotation')
    .action(revoke);
  return credential;
}

function hours(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('Write a whole number of hours.');
}

type IssueOptions = SessionOptions & { readonly json?: boolean; readonly hours?: number };

async function issue(agent: string, { hours: life, json = false, ...session }: IssueOptions): Promise<void> {
  const body = { ...(life !== undefined && { hours: life }) };
  const answer = await openAdminSession(session).send({ method: 'POST', path: agentPath(agent, 'enrolments'), body });
  const { secret } = answer.body as { readonly secret: string };
  if (json) printJson({ agent, secret });
  else print(secret);
  say(
    `It works once, for 15 minutes. Whoever has it can act as ${agent}: hand it to where that runs, and to nobody else.`,
  );
  hint(`countersign agents enrol ${agent} --secret … --out <file>`);
}

async function rotate(agent: string, { reason, json = false, ...session }: ReasonOptions): Promise<void> {
  const path = agentPath(agent, 'rotations');
  await openAdminSession(session).send({ method: 'POST', path, body: { reason } });
  if (json) printJson({ agent, rotation: 'required' });
  else say(`${agent} hears of it with its next token, within ten minutes, and registers another key.`);
}

async function revoke(
  agent: string,
  { reason, key, json = false, ...session }: ReasonOptions & { readonly key?: string },
): Promise<void> {
  const body = { reason, ...(key !== undefined && { key }) };
  const answer = await openAdminSession(session).send({
    method: 'POST',
    path: agentPath(agent, 'revocations'),
    body,
  });
  const { keys } = answer.body as { readonly keys: readonly string[] };
  if (json) printJson({ agent, revoked: key ?? 'all', keys });
  else say(ended(agent, keys, key));
}

function ended(agent: string, keys: readonly string[], named: string | undefined): string {
  const under = named !== undefined && keys.some((key) => key !== named);
  return (
    `Worth nothing from now on, with the tokens that were given for them: ${keys.join(', ')}. ` +
    (under ? 'Who had a key may have registered the next one: what was registered under it is ended, too. ' : '') +
    `To let ${agent} in again, issue a secret.`
  );
}
