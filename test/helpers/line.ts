import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cut, Hearing } from './cuts';

/** Which way bytes go: from whoever called to the server, or back. */
export type Way = 'there' | 'back';

export interface Weather {
  /** What is sent these ways waits unseen, ends and resets too, until the weather changes: nobody is told that anything is wrong. */
  readonly silent?: readonly Way[];
  /** Every piece of data is late by so much, each way. */
  readonly latencyMs?: number;
}

/** A line to a server, in whatever weather a test wants. */
export interface Line {
  readonly address: string;
  /** Nobody gets through, and all connections are cut. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** From now on, for connections that stand and those to come. */
  weather(now: Weather): void;
  /** What stands is dead and nobody hears of it, as when a router has lost its tables; new connections are well. */
  forget(): void;
  /** Resets the next connection in which this happens; `times` of them. Resolves with the last. */
  cut(where: Cut, times?: number): Promise<void>;
}

interface PlannedCut {
  readonly where: Cut;
  left: number;
  readonly done: () => void;
}

/** What one TCP line does between any two processes. Small on purpose: Toxiproxy, which does more, is a program of its own. */
export async function startLine(to: string): Promise<Line> {
  const [host = '', port = ''] = to.split(':');
  const sockets = new Set<Socket>();
  const cuts = new Set<PlannedCut>();
  let server: Server | undefined;
  let ownPort = 0;
  let now: Weather = {};
  const changes = new EventEmitter().setMaxListeners(0);

  let standing = { forgotten: false };

  const clear = async (way: Way, those: { readonly forgotten: boolean }): Promise<void> => {
    while (those.forgotten || now.silent?.includes(way) === true) await once(changes, 'changed');
    if (now.latencyMs !== undefined) await sleep(now.latencyMs);
  };
  /** How much of this still gets through, if the connection is cut here. */
  const cutAt = (connection: object, way: Way, data: Buffer, said: string): number | undefined => {
    for (const plan of cuts) {
      const through = plan.where(connection, way, data, said);
      if (through === undefined) continue;
      plan.left -= 1;
      if (plan.left === 0) cuts.delete(plan);
      if (plan.left === 0) plan.done();
      return through;
    }
    return undefined;
  };
  const relay = (client: Socket): void => {
    const upstream = connect(Number(port), host);
    const those = standing;
    const hearing = new Hearing();
    const carry = (from: Socket, on: Socket, way: Way): void => {
      sockets.add(from);
      let last = Promise.resolve();
      const then = (step: () => void): void => void (last = last.then(async () => await clear(way, those)).then(step));
      from.on('data', (data: Buffer) =>
        then(() => {
          const through = cutAt(client, way, data, way === 'there' ? hearing.said(data) : '');
          if (through === undefined) return void on.write(data);
          on.write(data.subarray(0, through), () => {
            client.resetAndDestroy();
            upstream.resetAndDestroy();
          });
        }),
      );
      from.on('end', () => then(() => on.end()));
      from.on('error', () => then(() => on.destroy()));
      from.on('close', () => (sockets.delete(from), then(() => on.destroy())));
    };
    carry(client, upstream, 'there');
    carry(upstream, client, 'back');
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
    forget: () => {
      standing.forgotten = true;
      standing = { forgotten: false };
    },
    weather: (next) => {
      now = next;
      changes.emit('changed');
    },
    cut: (where, times = 1) => new Promise((done) => cuts.add({ where, left: times, done })),
  };
}

/** The same database, over that line. */
export function over(line: Pick<Line, 'address'>, databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.host = line.address;
  return url.href;
}

/** Host and port of a URL. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
