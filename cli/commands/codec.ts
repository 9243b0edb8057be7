import { once } from 'node:events';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { readConfig } from '../../config/read-config';
import { readCodecKeys } from '../../temporal/codec-keys';
import { createCodecServer } from '../../temporal/codec-server';
import { listenForUi } from '../../temporal/listen-for-ui';
import { createPayloadCodec } from '../../temporal/payload-codec';
import { hint, print, say } from '../output';

interface Options {
  readonly keys?: string;
  readonly port: number;
  readonly ui: string;
}

/** `countersign codec`: what the Temporal UI in this machine's browser has payloads opened by. On loopback, for whoever holds the key, until Ctrl-C. */
export function codecCommand(): Command {
  return new Command('codec')
    .description("let Temporal's UI, in the browser of this machine, show what payloads say; until Ctrl-C")
    .option('--keys <file>', 'the payload keys (default: codec.json among the keys)')
    .option('--port <number>', 'where the UI is told to ask', port, 8423)
    .option('--ui <url>', 'address at which this browser opens the UI', 'http://localhost:8080')
    .action(codec);
}

async function codec({ keys, port: wanted, ui }: Options): Promise<void> {
  const config = readConfig();
  const { namespace } = config.temporal;
  const codecKeys = await readCodecKeys(keys ?? join(config.keys, 'codec.json'));
  const payloads = createPayloadCodec({ keys: codecKeys, namespace });
  const server = createCodecServer({ codec: payloads, namespace, allowedOrigins: [new URL(ui).origin] });
  print(await listenForUi(server, wanted));
  say(`Payloads of the namespace ${namespace} are shown to ${new URL(ui).origin}, in browsers of this machine alone.`);
  hint(`open ${ui}`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  server.close();
  server.closeAllConnections();
}

function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new InvalidArgumentError('Write a port.');
  return Number(value);
}
