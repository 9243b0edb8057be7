import { createReadStream } from 'node:fs';

/**
 * A body of 256 KiB, escaped at worst, is 1.5 MiB: whatever is longer is no line of ours, and must not fill the memory.
 */
const MAX_LINE_BYTES = 4 * 1024 * 1024;

/**
 * The lines of a file, split at line feeds alone: Node's own `readline` also splits at U+2028, which JSON strings may
 * hold.
 *
 * @throws RangeError for a line beyond 4 MiB
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...pending, chunk.subarray(start, end)]).toString('utf8');
      pending = [];
      pendingBytes = 0;
      start = end + 1;
    }
    pending.push(chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > MAX_LINE_BYTES) throw new RangeError(`a line of ${path} is longer than ${MAX_LINE_BYTES} bytes`);
  }
  if (pendingBytes > 0) yield Buffer.concat(pending).toString('utf8');
}
