import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findTool } from '../../stack/find-tool';
import { freePort } from '../../config/free-port';
import { waitUntil } from '../../stack/wait-until';

export interface Prometheus {
  /** An answer of its HTTP API; throws what it refuses. */
  api<T>(path: string, query?: Readonly<Record<string, string>>): Promise<T>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  readonly directory: string;
  readonly token: string;
  readonly rules: string;
  /** Host and port, by the name of the job. */
  readonly jobs: Readonly<Record<string, string>>;
}

/** A real Prometheus that reads these processes and judges by these rules, every second. */
export async function startPrometheus({ directory, token, rules, jobs }: PrometheusOptions): Promise<Prometheus> {
  const path = await findTool('prometheus', (line) => process.stderr.write(`${line}\n`));
  const port = await freePort();
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: Object.entries(jobs).map(([job_name, target]) => ({
      job_name,
      authorization: { credentials: token },
      static_configs: [{ targets: [target] }],
    })),
  };
  writeFileSync(join(directory, 'prometheus.yaml'), stringify(config));
  const logPath = join(directory, 'prometheus.log');
  const log = openSync(logPath, 'a');
  const child = spawn(
    path,
    [
      `--config.file=${join(directory, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(directory, 'prometheus')}`,
      `--web.listen-address=127.0.0.1:${String(port)}`,
    ],
    { stdio: ['ignore', log, log] },
  );
  const url = `http://127.0.0.1:${String(port)}`;
  await waitUntil(
    async () => {
      try {
        return (await fetch(`${url}/-/ready`)).ok;
      } catch {
        return false; // not listening yet
      }
    },
    {
      what: 'Prometheus was not ready',
      withinMs: 60_000,
      givenUp: () => (child.exitCode === null ? undefined : readFileSync(logPath, 'utf8').slice(-2_000)),
    },
  );
  return {
    api: async <T>(route: string, query: Readonly<Record<string, string>> = {}): Promise<T> => {
      const answer = await fetch(`${url}/api/v1/${route}?${new URLSearchParams(query).toString()}`);
      const body = (await answer.json()) as { status: string; data: T; error?: string };
      if (body.status !== 'success') throw new Error(`${route} ${JSON.stringify(query)}: ${body.error ?? ''}`);
      return body.data;
    },
    stop: async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
