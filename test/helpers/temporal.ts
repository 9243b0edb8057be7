import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestServers, testServers } from '../setup/servers';

export interface TestNamespace {
  readonly address: string;
  readonly namespace: string;
}

/** A namespace that no other test file uses, with all search attributes. Nothing gives it back: the whole server goes when the run ends. */
export function takeNamespace(servers: TestServers = testServers()): TestNamespace {
  const { directory, namespaces, temporalAddress } = servers;
  const taken = join(directory, 'taken-namespaces');
  mkdirSync(taken, { recursive: true });
  const namespace = namespaces.find((name) => isFirst(join(taken, name)));
  if (namespace === undefined)
    throw new Error(`All ${String(namespaces.length)} namespaces are taken; make more in test/setup/global-setup.ts.`);
  return { address: temporalAddress, namespace };
}

function isFirst(lease: string): boolean {
  try {
    mkdirSync(lease);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
