import { readFile } from 'node:fs/promises';
import { CommandError } from './commands/ledger-sources';

/** @throws CommandError where the file is no JSON */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError('the file is not JSON', { cause: error });
  }
}
