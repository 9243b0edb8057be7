import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

export type Scripted = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers one request after the other as it is told; what it was not told, it leaves waiting. */
export interface ScriptedGateway {
  readonly url: string;
  /** What it was asked, and when. */
  readonly seen: { readonly request: IncomingMessage; readonly at: number }[];
  readonly answers: Scripted[];
  stop(): Promise<void>;
}

export async function startScriptedGateway(): Promise<ScriptedGateway> {
  const seen: ScriptedGateway['seen'] = [];
  const answers: Scripted[] = [];
  const server = createServer((request, response) => {
    seen.push({ request, at: performance.now() });
    request.resume().on('end', () => answers.shift()?.(request, response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    answers,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Answers with a status, a body and headers. */
export function says(status: number, body: object | string, headers: Readonly<Record<string, string>> = {}): Scripted {
  return (_, response) =>
    response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
}

/** Ends the connection without a word. */
export const hangsUp: Scripted = (request) => request.socket.destroy();
