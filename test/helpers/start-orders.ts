import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTestProcess, type TestProcess } from './processes';
import { type Spine } from './spine';

/** A worker of the role `workflows` beside the spine's, with nothing that opens a target. `bundle`: the file of another than the spine's. */
export async function startOrders(spine: Spine, { bundle }: { readonly bundle?: string } = {}): Promise<TestProcess> {
  const { COUNTERSIGN_SECRET_BOOKS_MINTER: _, ...settings } = spine.settings.worker;
  const env = { ...settings, ...(bundle !== undefined && { COUNTERSIGN_BUNDLE: bundle }) };
  const keys = join(spine.home, 'keys-of-workflows');
  mkdirSync(keys, { recursive: true });
  for (const name of ['bundle.pub.pem', 'checkpoint.key.pem', 'codec.json'])
    copyFileSync(join(spine.home, 'keys', name), join(keys, name));
  const started = startTestProcess('worker', { ...env, COUNTERSIGN_WORKER_ROLE: 'workflows', COUNTERSIGN_KEYS: keys });
  await started.waitForLog('the worker runs', 30_000);
  return started;
}
