import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { createKeys } from '../../stack/create-keys';
import { freePort } from '../../config/free-port';
import { readCodecKeys } from '../../temporal/codec-keys';
import { createPayloadCodec } from '../../temporal/payload-codec';
import { toPayloadsJson } from '../../temporal/payloads-json';
import { testServers } from '../setup/servers';

test('countersign codec opens payloads for the UI that it was told of, on this machine, and for no other page', async () => {
  const keys = mkdtempSync(join(testServers().directory, 'codec-'));
  createKeys(keys);
  const codec = createPayloadCodec({ keys: await readCodecKeys(join(keys, 'codec.json')), namespace: 'ns' });
  const sealed = await codec.encode([{ data: Buffer.from('«pay»') }]);
  const port = String(await freePort());
  const args = ['codec', '--port', port, '--ui', 'http://localhost:8080/namespaces'];
  const env = { PATH: process.env['PATH'], COUNTERSIGN_KEYS: keys, TEMPORAL_NAMESPACE: 'ns' };
  const command = spawn(process.execPath, [join(packageRoot(), 'dist', 'cli', 'main.js'), ...args], { env });
  try {
    const [printed] = (await once(command.stdout, 'data')) as [Buffer];
    expect(printed.toString().trim()).toBe(`http://127.0.0.1:${port}`);
    const ask = (origin: string): Promise<Response> =>
      fetch(`http://127.0.0.1:${port}/decode`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json', 'x-namespace': 'ns' },
        body: toPayloadsJson(sealed),
      });
    expect((await ask('https://elsewhere.example')).status).toBe(403);
    const opened = (await (await ask('http://localhost:8080')).json()) as { payloads: { data: string }[] };
    expect(Buffer.from(opened.payloads[0]?.data ?? '', 'base64').toString()).toBe('«pay»');
  } finally {
    command.kill('SIGTERM');
    await once(command, 'exit');
  }
});
