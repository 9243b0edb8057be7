import { readFileSync } from 'node:fs';
import { type RolePasswords } from '../../db/create-roles';

/** The servers that all test files of one run share; written by global-setup, read by the helpers. */
export interface TestServers {
  readonly directory: string;
  /** Superuser, database `postgres`. */
  readonly superuserUrl: string;
  readonly passwords: RolePasswords;
  readonly template: string;
  readonly temporalAddress: string;
  readonly namespaces: readonly string[];
}

/** Names the file; Jest hands the environment on to its workers. */
export const SERVERS_VARIABLE = 'COUNTERSIGN_TEST_SERVERS';

export function testServers(): TestServers {
  const path = process.env[SERVERS_VARIABLE];
  if (path === undefined)
    throw new Error('The test servers are not running: start tests with jest, whose global setup starts them.');
  return JSON.parse(readFileSync(path, 'utf8')) as TestServers;
}
