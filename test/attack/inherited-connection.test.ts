import { type ServerResponse } from 'node:http';
import { createHttpProvider } from '../../providers/http/create-http-provider';
import { callOf } from '../providers/http/call-of';
import { newKey } from '../providers/http/keys';
import { startScriptedTarget } from '../providers/http/scripted-target';

/** As many as the provider keeps open to one target; one call more waits for a connection of another. */
const CONNECTIONS = 64;

it('X62 a call that took over the connection of another, and then lost its reply, is unknown and not «not sent»', async () => {
  const waiting: ServerResponse[] = [];
  let calls = 0;
  const bank = await startScriptedTarget((_, response) => {
    calls += 1;
    if (calls > CONNECTIONS) return void response.destroy(); // it happened, and the reply is lost
    waiting.push(response);
    if (calls === CONNECTIONS)
      for (const each of waiting) each.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"p"}');
  });
  const provider = createHttpProvider({ privateKeyPem: newKey().privateKeyPem, clock: Date.now, allowPrivate: true });
  try {
    const results = await Promise.all(
      Array.from({ length: CONNECTIONS + 1 }, () => provider.execute(callOf(bank.target))),
    );
    expect(calls).toBe(CONNECTIONS + 1);
    expect(results.filter(({ kind }) => kind === 'done')).toHaveLength(CONNECTIONS);
    expect(results.filter(({ kind }) => kind !== 'done')).toEqual([
      { kind: 'unknown', code: 'target_connection_lost' },
    ]);
  } finally {
    provider.close();
    await bank.stop();
  }
});
