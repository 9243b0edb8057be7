import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A line to a server, which can be down for a while. */
export interface Line {
  readonly address: string;
  down(): Promise<void>;
  up(): Promise<void>;
}

export async function startLine(to: string): Promise<Line> {
  const [host = '', port = ''] = to.split(':');
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  let ownPort = 0;
  const relay = (client: Socket): void => {
    const upstream = connect(Number(port), host);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => (sockets.delete(one), other.destroy()));
      one.pipe(other);
    }
  };
  const up = async (): Promise<void> => {
    server = createServer(relay).listen(ownPort, '127.0.0.1');
    await once(server, 'listening');
    ownPort = (server.address() as AddressInfo).port;
  };
  await up();
  return {
    address: `127.0.0.1:${String(ownPort)}`,
    up,
    down: async () => {
      const closed = new Promise((resolve) => server?.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
