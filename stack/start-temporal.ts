import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config } from '../config/config';
import { readCodecKeys } from '../temporal/codec-keys';
import { createCodecServer } from '../temporal/codec-server';
import { listenForUi } from '../temporal/listen-for-ui';
import { createPayloadCodec } from '../temporal/payload-codec';
import { findTool } from './find-tool';
import { freePort } from '../config/free-port';
import { type Report } from './report';
import { startTemporalServer } from './temporal-server';
import { writePrivate } from './write-private';

export interface RunningTemporal {
  readonly address: string;
  readonly namespace: string;
  /** Absent with a server of your own: it has its own UI. */
  readonly uiUrl?: string;
  /** The CLI of the embedded server. */
  readonly program?: string;
  stop(): Promise<void>;
}

/** Temporal, as TEMPORAL_* says, or the embedded development server with its Web UI, which shows payloads in the clear to this machine alone. */
export async function startTemporal({ home, keys, temporal, tools }: Config, report: Report): Promise<RunningTemporal> {
  const { namespace } = temporal;
  if (temporal.address !== undefined) {
    report(`Using the Temporal server at ${temporal.address}.`);
    return { address: temporal.address, namespace, stop: () => Promise.resolve() };
  }
  const program = await findTool('temporal', report, tools);
  report('Starting Temporal …');
  const ports = await uiPorts(join(home, 'ui-ports.json'));
  const codec = createPayloadCodec({ keys: await readCodecKeys(join(keys, 'codec.json')), namespace });
  const origins = ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${String(ports.ui)}`);
  const codecServer = createCodecServer({ codec, namespace, allowedOrigins: origins });
  const codecEndpoint = await listenForUi(codecServer, ports.codec);
  const stopCodec = (): void => {
    codecServer.close();
    codecServer.closeAllConnections();
  };
  try {
    const server = await startTemporalServer({
      program,
      directory: join(home, 'temporal'),
      namespaces: [namespace],
      report,
      ui: { port: ports.ui, codecEndpoint },
    });
    const stop = (): Promise<void> => server.stop().finally(stopCodec);
    return { address: server.address, namespace, uiUrl: `http://127.0.0.1:${String(ports.ui)}`, program, stop };
  } catch (error) {
    stopCodec();
    throw error;
  }
}

interface UiPorts {
  readonly ui: number;
  readonly codec: number;
}

/** The same at every start, if they are free: the browser's tab and its settings go on working. */
async function uiPorts(path: string): Promise<UiPorts> {
  const before = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as UiPorts) : { ui: 0, codec: 0 };
  const ports = { ui: await freePort(before.ui), codec: await freePort(before.codec) };
  writePrivate(path, JSON.stringify(ports));
  return ports;
}
