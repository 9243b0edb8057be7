import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { unzipSync } from 'fflate';
import { makeOnce, sayingSo } from './make-once';
import { type Report } from './report';

/** Seventy megabytes at one megabit a second; a connection slower than that builds nothing either. */
const FETCH_WITHIN_MS = 10 * 60_000;

/** The largest archive of a release is 73 MB; an answer that goes on and on is none. */
const MAX_BYTES = 128 * 1024 * 1024;

interface Fetching {
  readonly version: string;
  readonly url: string;
  /** Of the archive; nothing in it is looked at before it was compared. */
  readonly sha256: string;
  /** Directory of the release afterwards. */
  readonly destination: string;
  readonly report: Report;
}

/** @returns Whether it is there now; why not was reported, and there are other ways to provide a tool. */
export async function fetchGo({ version, url, sha256, destination, report }: Fetching): Promise<boolean> {
  try {
    await makeOnce({
      destination,
      doing: `fetching Go ${version}`,
      report,
      make: async (work) => {
        report(`There is no Go here. Fetching Go ${version} (70 MB, once) from ${new URL(url).host} …`);
        const archive = await sayingSo(report, 'fetching', download(url));
        const sum = createHash('sha256').update(archive).digest('hex');
        if (sum !== sha256) throw new Error(`what came is not that release (SHA-256 ${sum}, not ${sha256})`);
        return unpack(archive, join(work, 'go'));
      },
    });
    return true;
  } catch (error) {
    report(`Go was not fetched: ${reasonOf(error)}.`);
    return false;
  }
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_WITHIN_MS) });
  if (!response.ok) throw new Error(`the answer was ${String(response.status)}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MAX_BYTES) throw new Error(`the answer is larger than ${String(MAX_BYTES)} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

/** Does what Go itself does with such an archive: a module's has its files below `<module>@<version>/`, no modes, and no second `go.mod`. */
function unpack(archive: Uint8Array, directory: string): string {
  for (const [name, content] of Object.entries(unzipSync(archive))) {
    const path = join(directory, name.replace(/^golang\.org\/toolchain@[^/]+\//, '').replace(/_go\.mod$/, 'go.mod'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content, { mode: /@[^/]+\/(bin|pkg\/tool)\//.test(name) ? 0o755 : 0o644 });
  }
  return directory;
}

/** `fetch` says "fetch failed" of everything, and why in its cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
