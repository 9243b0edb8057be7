import { type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

const LOOPBACK = '127.0.0.1';

/** Binds the codec server to this machine only, and gives the address to tell the Temporal UI (`--ui-codec-endpoint`). Port 0 takes a free one. */
export async function listenForUi(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return `http://${LOOPBACK}:${String((server.address() as AddressInfo).port)}`;
}
