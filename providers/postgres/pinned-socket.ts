import { type LookupFunction, Socket } from 'node:net';

/** For `pg`, which resolves names by itself otherwise. TLS still proves the name, not the address. */
export function pinnedSocket(lookup: LookupFunction): Socket {
  const socket = new Socket();
  const connect = socket.connect.bind(socket) as (options: object) => Socket;
  return Object.assign(socket, { connect: (port: number, host: string) => connect({ port, host, lookup }) });
}
