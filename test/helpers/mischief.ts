import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

/** What becomes of one answer. The target has done what it was asked for; of a redirect it never hears. */
export type Mischief = 'comes too late' | 'comes a byte at a time' | 'never ends' | 'leads elsewhere';

export interface MischievousTarget {
  readonly url: string;
  /** How often it was followed to where it led. */
  followed(): number;
  /** The next request in whose body these words are is met with this. */
  plan(words: string, what: Mischief): void;
  stop(): Promise<void>;
}

/** Longer than anybody waits for a target. */
const LATE_MS = 5_000;
const BAIT = '/elsewhere';

/** Stands before a target and passes everything on, but for what was planned. */
export async function startMischief(target: string): Promise<MischievousTarget> {
  const planned = new Map<string, Mischief>();
  let followed = 0;
  const server = createServer((request, response) => {
    response.on('error', () => undefined); // whoever asked has gone, which is the point
    serve(request, response).catch(() => response.destroy());
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.startsWith(BAIT) === true) followed += 1;
    const body = await buffer(request);
    const words = [...planned.keys()].find((each) => body.includes(each));
    const what = words === undefined ? undefined : planned.get(words);
    planned.delete(words ?? '');
    if (what === 'leads elsewhere') {
      response.writeHead(307, { location: `${url}${BAIT}` }).end();
      return;
    }
    const { status, type, answer } = await passOn(request, body);
    if (what === 'comes too late') await sleep(LATE_MS);
    response.writeHead(status, { 'content-type': type });
    if (what === 'comes a byte at a time')
      for (const byte of answer.toString('latin1')) {
        if (response.destroyed) return;
        response.write(byte);
        await sleep(300);
      }
    else if (what === 'never ends')
      while (!response.destroyed) if (!response.write(Buffer.alloc(64 * 1024, ' '))) await sleep(5);
    response.end(answer);
  }

  function passOn(
    { method, url: path, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; type: string; answer: Buffer }> {
    return new Promise((resolve, reject) => {
      ask(new URL(path ?? '/', target), { method, headers }, (answered) => {
        const { statusCode: status = 502, headers } = answered;
        buffer(answered).then((answer) => resolve({ status, type: headers['content-type'] ?? '', answer }), reject);
      })
        .on('error', reject)
        .end(body);
    });
  }

  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    followed: () => followed,
    plan: (words, what) => void planned.set(words, what),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
