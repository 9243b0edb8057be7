import * as http from 'node:http';
import * as https from 'node:https';
import { type Exchange } from './exchange';
import { FORBIDDEN_ADDRESS } from '../pinned-lookup';

export interface WireRequest {
  readonly base: URL;
  readonly method: string;
  /** Path and query exactly as they go into the request line. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly agent: http.Agent;
  /** From now until the whole answer must be here; no single slow byte prolongs it. */
  readonly withinMs: number;
  readonly maxBytes: number;
}

/**
 * Sends one request and says what is known afterwards; never throws, never follows a redirect, never sends twice.
 * Until the connection stands nothing can have left this machine. From then on an error leaves open what happened,
 * also on a connection that was kept alive: the target may have read the request before it hung up.
 */
export function send(wire: WireRequest): Promise<Exchange> {
  // Frozen since its time began to run: the credential may have been made afterwards, and be fresh all the same.
  if (wire.withinMs <= 0) return Promise.resolve({ kind: 'not_sent', code: 'not_sent' });
  return new Promise((resolve) => {
    const secure = wire.base.protocol === 'https:';
    let mayHaveLeft = false;
    const request = (secure ? https : http).request({
      agent: wire.agent,
      protocol: wire.base.protocol,
      hostname: wire.base.hostname.replace(/^\[|\]$/g, ''),
      port: wire.base.port,
      method: wire.method,
      path: wire.path,
      headers: { ...wire.headers, 'content-length': String(wire.body.length) },
    });
    const finish = (exchange: Exchange): void => {
      clearTimeout(timer);
      resolve(exchange);
      if (exchange.kind !== 'answered') request.destroy();
    };
    const fail = (sentCode: string, unsentCode = 'not_sent'): void =>
      finish(mayHaveLeft ? { kind: 'lost', code: sentCode } : { kind: 'not_sent', code: unsentCode });
    const timer = setTimeout(() => fail('target_no_answer'), wire.withinMs);

    request.on('socket', (socket) => {
      // One that stands already was kept alive, or taken over from a request before us that used it.
      if (request.reusedSocket || !socket.connecting) mayHaveLeft = true;
      else socket.once(secure ? 'secureConnect' : 'connect', () => (mayHaveLeft = true));
    });
    request.on('error', (error: NodeJS.ErrnoException) =>
      fail('target_connection_lost', error.code === FORBIDDEN_ADDRESS ? 'target_address_forbidden' : 'not_sent'),
    );
    request.on('response', (response) => collect(response, wire.maxBytes, finish));
    // An upgrade or a tunnel is no answer to anything that we ask.
    request.on('upgrade', (_response, socket) => {
      socket.destroy();
      fail('target_answer_not_json');
    });
    request.end(wire.body);
  });
}

function collect(response: http.IncomingMessage, maxBytes: number, finish: (exchange: Exchange) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const lost = (): void => finish({ kind: 'lost', code: 'target_connection_lost' });
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) finish({ kind: 'lost', code: 'target_answer_too_large' });
    else chunks.push(chunk);
  });
  response.on('error', lost);
  // After a whole answer the connection belongs to the next request.
  response.on('close', () => response.complete || lost());
  response.on('end', () => {
    finish({
      kind: 'answered',
      status: response.statusCode ?? 0,
      // What is compressed in spite of `Accept-Encoding: identity` is not read: it could unfold to any size.
      contentType: response.headers['content-encoding'] === undefined ? (response.headers['content-type'] ?? '') : '',
      body: Buffer.concat(chunks),
    });
  });
}
