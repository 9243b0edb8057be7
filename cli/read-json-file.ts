import { readFile } from 'node:fs/promises';
import { CommandFailed } from './command-failed';
import { EXIT } from './exit-codes';

/** @throws CommandFailed where there is no such file, or it is no JSON */
export async function readJsonFile(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new CommandFailed(EXIT.usage, `${path} ${why}`, { cause: error });
  }
}
