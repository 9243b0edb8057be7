import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import pc from 'picocolors';
import { type ActionReport } from '../../client/action-handle';
import { type ActionOutcome } from '../../client/action-outcome';
import { type GatewayConnection } from '../../client/gateway-connection';
import { type Json } from '../../domain/json';
import { visibleText } from '../../domain/visible-text';
import { JsonRefusedError, parseJsonStrict } from '../../evidence/parse-json';
import { CommandFailed } from '../command-failed';
import { EXIT } from '../exit-codes';
import { hint, print, printJson, say } from '../output';
import { seconds } from '../seconds';
import { openSession, type SessionOptions, withSession } from '../session';

interface TryOptions extends SessionOptions {
  readonly file: string;
  readonly key?: string;
  readonly because?: string;
  readonly wait: number;
  readonly json?: boolean;
}

/** How often a change of state is looked for while something is pending. */
const LOOK_SECONDS = 2;

/** `countersign try`: asks to act as an agent would, and tells what comes of it. It is no rehearsal: what is allowed happens. */
export function tryCommand(): Command {
  const command = new Command('try')
    .description('ask to act as an agent and follow what comes of it; what is allowed really happens')
    .argument('<type>', 'the action type: payments.pay_invoice')
    .requiredOption('-f, --file <file>', 'the parameters as JSON; - reads stdin')
    .option('--key <key>', 'idempotency key; the same key again is the same action (default: a new one)')
    .option('--because <words>', 'why, for approvers to read')
    .option('--wait <seconds>', 'how long to follow it', seconds, 60);
  return withSession(command).action(tryAction);
}

async function tryAction(
  type: string,
  { file, key = `try-${randomUUID()}`, because, wait, json = false, ...session }: TryOptions,
): Promise<void> {
  const gateway = openSession(session, 'agent');
  const body = { type, params: readParams(file), waitMs: 1_000, ...(because !== undefined && { because }) };
  const first = (
    await gateway.send({
      method: 'POST',
      path: '/v1/actions',
      headers: { 'idempotency-key': key },
      body,
      waitMs: 1_000,
    })
  ).body as ActionReport;
  say(`${first.id}  ${pc.dim(`key ${key}`)}`);
  const last = await follow(gateway, first, wait);
  if (json) printJson(last);
  else print(sentence(last.outcome));
  process.exitCode = exitCodeOf(last);
  hint(
    process.exitCode === EXIT.pending
      ? 'countersign approvals list --as bob'
      : `countersign actions show ${first.id} --as alice`,
  );
}

function readParams(file: string): Json {
  try {
    return parseJsonStrict(readFileSync(file === '-' ? 0 : file));
  } catch (cause) {
    if (cause instanceof JsonRefusedError)
      throw new CommandFailed(EXIT.usage, `${file} is refused: ${cause.message}.`, { cause });
    throw new CommandFailed(EXIT.usage, `${file} cannot be read.`, { cause });
  }
}

async function follow(gateway: GatewayConnection, first: ActionReport, waitSeconds: number): Promise<ActionReport> {
  const deadline = performance.now() + waitSeconds * 1_000;
  let report = first;
  let said = '';
  while (report.settledAt === null) {
    if (report.outcome.say !== said) say(pc.dim(visibleText(report.outcome.say)));
    said = report.outcome.say;
    if (performance.now() >= deadline) break;
    const path = `/v1/actions/${report.id}?wait=${LOOK_SECONDS}s`;
    report = (await gateway.send({ method: 'GET', path, waitMs: LOOK_SECONDS * 1_000 })).body as ActionReport;
  }
  return report;
}

function sentence(outcome: ActionOutcome): string {
  const kind = outcome.kind === 'executed' ? pc.green(outcome.kind) : pc.yellow(outcome.kind);
  const reasons =
    'reasons' in outcome
      ? outcome.reasons.map(
          ({ code, message, remedy }) => `  ${code}: ${visibleText([message, remedy].filter(Boolean).join(' '))}`,
        )
      : [];
  const result = outcome.kind === 'executed' ? [visibleText(JSON.stringify(outcome.result))] : [];
  return [`${kind}: ${visibleText(outcome.say)}`, ...reasons, ...result].join('\n');
}

function exitCodeOf({ settledAt, outcome }: ActionReport): number {
  if (settledAt === null) return EXIT.pending;
  return outcome.kind === 'executed' ? EXIT.ok : EXIT.refused;
}
