import { connect, createServer, type Server, type Socket } from 'node:net';
import { type AddressInfo } from 'node:net';
import { type PostgresTarget } from '../../../domain/documents';

/** Where the line is cut: `before` the server reads the bytes, or `after` it has answered them. */
export interface Cut {
  readonly at: string;
  readonly when: 'before' | 'after';
}

/** A line to a database that breaks where a test says, once, and remembers all that went over it. */
export interface Proxy {
  cutNext(cut: Cut): void;
  /** Everything that anybody sent, as one string of bytes. */
  traffic(): string;
  /** As if the server were gone; until `up`. */
  down(): Promise<void>;
  up(): Promise<void>;
  through(target: PostgresTarget): PostgresTarget;
  close(): Promise<void>;
}

export async function startProxy(host: string, port: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  const seen: Buffer[] = [];
  let cut: Cut | undefined;
  let server: Server | undefined;
  let ownPort = 0;

  const relay = (client: Socket): void => {
    const upstream = connect(port, host);
    let cutting: Cut | undefined;
    const both = [client, upstream];
    const destroy = (): void => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      sockets.add(socket);
      socket.on('error', destroy).on('close', () => (sockets.delete(socket), destroy()));
    }
    client.on('data', (bytes) => {
      seen.push(bytes);
      if (cut !== undefined && bytes.includes(cut.at)) [cutting, cut] = [cut, undefined];
      if (cutting?.when === 'before') destroy();
      else upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      seen.push(bytes);
      if (cutting === undefined) client.write(bytes);
      else destroy();
    });
  };
  const up = async (): Promise<void> => {
    server = createServer(relay);
    await new Promise<void>((resolve) => server?.listen(ownPort, '127.0.0.1', resolve));
    ownPort = (server.address() as AddressInfo).port;
  };
  const down = async (): Promise<void> => {
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  await up();
  return {
    cutNext: (next) => (cut = next),
    traffic: () => Buffer.concat(seen).toString('latin1'),
    down,
    up,
    through: (target) => {
      const url = new URL(target.address);
      url.host = `127.0.0.1:${String(ownPort)}`;
      return { ...target, address: url.href };
    },
    close: down,
  };
}
