import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../config/paths';
import { type Spine } from './spine';

/** Has payloads encrypted with a key of codec.json from the next start on, as whoever owns the database. */
export async function useCodecKey({ home, database }: Spine, id: string): Promise<void> {
  const main = join(packageRoot(), 'dist', 'cli', 'main.js');
  const args = ['keys', 'codec', 'use', id, '--keys', join(home, 'keys'), '--database-url', database.ownerUrl];
  await promisify(execFile)(process.execPath, [main, ...args]);
}
