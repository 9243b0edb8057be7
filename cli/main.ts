#!/usr/bin/env node
import { Command } from 'commander';
import { endWith } from './end-with';
import { EXIT_HELP } from './exit-codes';
import { loadCommands } from './load-commands';

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

async function main(): Promise<void> {
  const countersign = await program(process.argv.slice(2));
  await countersign.parseAsync();
}

main().catch(endWith);
