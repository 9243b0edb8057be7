import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { FaultDesk } from './fault-desk';
import { FrontDesk } from './front-desk';
import { type Route } from './route';
import { TokenGate } from './token-gate';
import { openWitnessBook, type WitnessBook } from './witness-book';

export interface DemoService {
  readonly name: string;
  readonly url: string;
  readonly book: WitnessBook;
  readonly faults: FaultDesk;
  readonly gate: TokenGate;
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Also the audience of its tokens. */
  readonly name: string;
  readonly routes: readonly Route[];
  /** File of the witness; appended to. */
  readonly bookPath: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A small HTTP service as a careful company would run it: strict at the door, idempotent by key, with a book of its own of all that happened. */
export async function startStrictService({ name, routes, bookPath, port }: ServiceOptions): Promise<DemoService> {
  const book = openWitnessBook(bookPath);
  const faults = new FaultDesk();
  const gate = new TokenGate(name);
  const desk = new FrontDesk(name, [...routes, revokeRoute(gate)], book, faults, gate);
  // A fault of the service itself is not swallowed: it ends the process, with its cause.
  const server = createServer((request, response) => void desk.serve(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    name,
    url: `http://127.0.0.1:${taken}`,
    book,
    faults,
    gate,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      }),
  };
}

/** Every service can be told to forget a token; also one that it has never seen, which may still be on its way. */
function revokeRoute(gate: TokenGate): Route {
  return {
    operation: 'revokeToken',
    method: 'POST',
    path: /^\/tokens\/(?<jti>[^/]{1,200})\/revoke$/,
    sort: 'housekeeping',
    plan: ({ args }) => ({ status: 204, apply: () => gate.revoke(args['jti'] ?? '') }),
  };
}
