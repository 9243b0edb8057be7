import { createServer } from 'node:http';
import { once } from 'node:events';
import { type AddressInfo } from 'node:net';
import { freePort } from '../../config/free-port';
import { listenToOperators } from '../../worker/listen-to-operators';

it('a worker whose runtime breaks off in the middle of its metrics says that they are not there, and lives', async () => {
  const breaking = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.write('# half of it', () => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(breaking, 'listening');
  const port = await freePort();
  const listener = await listenToOperators({
    ...{ hostname: '127.0.0.1', port, mayScrape: () => true },
    metricsUrl: `http://127.0.0.1:${String((breaking.address() as AddressInfo).port)}`,
    readiness: { reasons: () => Promise.resolve([]), isDraining: () => false, drain: () => undefined },
  });
  const status = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${String(port)}${path}`)).status;
  expect([await status('/metrics'), await status('/livez')]).toEqual([503, 200]);
  await listener.close();
  breaking.close();
});
