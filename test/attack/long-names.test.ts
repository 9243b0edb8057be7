import { randomBytes } from 'node:crypto';
import { connectClient, type TemporalClient } from '../../temporal/connect';
import { createDataConverter } from '../../temporal/data-converter';
import { parseCodecKeys } from '../../temporal/codec-keys';
import { createWaker } from '../../temporal/wake';
import { takeNamespace } from '../helpers/temporal';

let client: TemporalClient;
beforeAll(() => {
  const { address, namespace } = takeNamespace();
  const codecKeys = parseCodecKeys(JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }));
  client = connectClient({
    namespace,
    connection: { address },
    dataConverter: createDataConverter({ codecKeys, namespace }),
  });
});
afterAll(() => client.connection.close());

it('I3 an action whose tenant, type and agent have the longest names that there are is started', async () => {
  const long = 'x'.repeat(63);
  const type = `${long}.${long}.${long}.${long}`.slice(0, 160);
  const action = {
    tenant: long,
    actionId: 'act-0193d5a2-5c1e-7b3a-9d40-1f2e3c4b5a69',
    labels: { agentId: long, actionType: type, riskClass: 'high', teamId: long },
    summary: `${type} for ${long}`,
  };
  expect(await createWaker(client).wake(action)).toBe('woken');
});
