#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import { PolicyProblems } from '../bundle/problem';
import { CountersignError } from '../client/countersign-error';
import { ConfigError } from '../config/config-error';
import { CannotStart } from '../stack/cannot-start';
import { CommandFailed } from './command-failed';
import { EXIT, EXIT_HELP } from './exit-codes';
import { loadCommands } from './load-commands';
import { say } from './output';

/*
 * PROCESS: the command line. Data on stdout, talk on stderr; NO_COLOR is heeded; what a script needs is in the exit code.
 */

async function program(args: readonly string[]): Promise<Command> {
  const countersign = new Command('countersign')
    .description('Agents act, people countersign, evidence stays.')
    .addHelpText('after', EXIT_HELP);
  for (const command of await loadCommands(args)) countersign.addCommand(command);
  return throwing(countersign);
}

/** Has commander throw instead of ending the process, so that exit codes are ours. */
function throwing(command: Command): Command {
  command.exitOverride().showHelpAfterError('(--help says more)');
  for (const below of command.commands) throwing(below);
  return command;
}

/** What a person can mend, and the message says how. */
function canBeMended(error: unknown): error is Error {
  return [CommandFailed, ConfigError, CannotStart, PolicyProblems].some((kind) => error instanceof kind);
}

/** Says in words what a person can mend; anything else is a defect and shows its stack. Commander has said its own. */
function explain(error: unknown): void {
  if (error instanceof CommanderError) return;
  if (error instanceof CountersignError) say(pc.red(`${error.message} (${error.code})`));
  else if (canBeMended(error)) say(pc.red(error.message));
  else say(pc.red(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  if (error instanceof CountersignError && error.code === 'unreachable')
    say(pc.dim('Start it with: countersign dev. Or name it: --url, COUNTERSIGN_URL.'));
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof CommandFailed) return error.exitCode;
  if (canBeMended(error) || (error instanceof CountersignError && error.code === 'no_credential')) return EXIT.usage;
  if (error instanceof CountersignError)
    return error.status === 0 || error.status >= 500 ? EXIT.unreachable : EXIT.refused;
  return EXIT.defect;
}

async function main(): Promise<void> {
  const countersign = await program(process.argv.slice(2));
  await countersign.parseAsync();
}

main().catch((error: unknown) => {
  explain(error);
  process.exitCode = exitCodeOf(error);
});
