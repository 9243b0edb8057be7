import { spawn } from 'node:child_process';
import { basename, join } from 'node:path';
import { childEnvironment } from '../config/child-environment';
import { type Go } from './find-go';
import { MAKE_WITHIN_MS, makeOnce, sayingSo } from './make-once';
import { type Report } from './report';
import { type Tool } from './tools';

interface Installation {
  readonly go: Go;
  readonly tool: Tool;
  /** Path of the program afterwards. */
  readonly destination: string;
  readonly report: Report;
}

/** Builds a pinned version from its sources, which Go holds against its checksum database. */
export async function installWithGo({ go, tool, destination, report }: Installation): Promise<void> {
  await makeOnce({
    destination,
    doing: `building ${tool.title}`,
    report,
    make: async (work) => {
      report(`Building ${tool.title} ${tool.version} with Go; once, ${tool.buildTakes} on two cores …`);
      await sayingSo(report, 'building', goInstall(go, tool, work));
      report(`Built ${basename(destination)}.`);
      return join(work, tool.name);
    },
  });
}

function goInstall(go: Go, tool: Tool, work: string): Promise<void> {
  const build = spawn(go.program, ['install', ...(tool.tags === undefined ? [] : ['-tags', tool.tags]), tool.module], {
    env: childEnvironment({ set: { GOBIN: work, GOFLAGS: '-trimpath', CGO_ENABLED: '0', ...go.environment } }),
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: MAKE_WITHIN_MS,
  });
  const words: string[] = [];
  build.stderr.setEncoding('utf8').on('data', (chunk: string) => words.push(chunk));
  return new Promise<void>((resolve, reject) => {
    build.once('error', reject);
    build.once('close', (code) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(`\`go install ${tool.module}\` failed:\n${words.join('').trim().split('\n').slice(-5).join('\n')}`),
        );
    });
  });
}
