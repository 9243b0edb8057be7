import { CommanderError } from 'commander';
import pc from 'picocolors';
import { PolicyProblems } from '../bundle/problem';
import { CountersignError } from '../client/countersign-error';
import { ConfigError } from '../config/config-error';
import { ExportError } from '../evidence/ledger-export';
import { NoteError } from '../evidence/note';
import { CannotStart } from '../stack/cannot-start';
import { CommandFailed } from './command-failed';
import { EXIT } from './exit-codes';
import { say } from './output';

/** Ends every command that cannot go on: says why, and sets the code that a script learns. */
export function endWith(error: unknown): void {
  explain(error);
  process.exitCode = exitCodeOf(error);
}

/** What a person can mend, and the message says how. */
function canBeMended(error: unknown): error is Error {
  return [CommandFailed, ConfigError, CannotStart, PolicyProblems, ExportError, NoteError].some(
    (kind) => error instanceof kind,
  );
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
