import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

export type Call = <T>(method: string, path: string, token: string, body?: object) => Promise<Answer<T>>;

/** Calls a gateway over connections that are kept, each call under a key of its own. */
export function gatewayCalls(url: string): Call {
  const agent = new Agent({ keepAlive: true });
  const call: Call = <T>(method: string, path: string, token: string, body?: object) =>
    new Promise<Answer<T>>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      };
      const sent = request(`${url}${path}`, { agent, method, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) as T }),
        );
      });
      sent.on('error', (error: NodeJS.ErrnoException) => {
        // The gateway closed a connection that nobody used for a while, just as it was used again: it has not seen the request.
        if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(call<T>(method, path, token, body));
        else reject(error);
      });
      sent.end(body && JSON.stringify(body));
    });
  return call;
}
