import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { packageRoot } from '../../config/paths';
import { readCodecKeys } from '../../temporal/codec-keys';
import { createDataConverter } from '../../temporal/data-converter';
import { type StoredHistory } from './histories';
import { type Spine } from './spine';

/** I12: the code of today must be able to go on with everything that it has left behind. One line for each history that it cannot. */
export async function replayAll(
  spine: Pick<Spine, 'home' | 'temporal'>,
  histories: readonly Pick<StoredHistory, 'workflowId' | 'history'>[],
): Promise<readonly string[]> {
  const codecKeys = await readCodecKeys(join(spine.home, 'keys', 'codec.json'));
  const { namespace } = spine.temporal;
  const options = {
    namespace,
    workflowBundle: { codePath: join(packageRoot(), 'dist', 'workflow-bundle.js') },
    dataConverter: createDataConverter({ codecKeys, namespace }),
    replayName: 'replay',
  };
  const failures: string[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    if (error !== undefined) failures.push(`I12 ${workflowId} does not replay: ${error.message}`);
  }
  return failures;
}
