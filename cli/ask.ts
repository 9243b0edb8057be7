import { createInterface } from 'node:readline/promises';
import { CommandFailed } from './command-failed';
import { EXIT } from './exit-codes';

/** Asks on the terminal; without one nobody could answer, and silence is no yes. */
export async function ask(question: string, otherwise: string): Promise<string> {
  if (!process.stdin.isTTY) throw new CommandFailed(EXIT.usage, `There is nobody to ask: ${otherwise}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
