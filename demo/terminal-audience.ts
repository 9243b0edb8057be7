import { type ReadStream, type WriteStream } from 'node:tty';
import { createColors, isColorSupported } from 'picocolors';
import { type Audience } from './audience';

/** Time to read a card and to make up one's mind; then the story goes on by itself, so that it always ends. */
const ANSWER_WITHIN_MS = 30_000;

const CTRL_C = '\u0003';

interface Terminal {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly withinMs?: number;
}

/** A person at a terminal, who answers with single keys. */
export function createTerminalAudience(
  { input, output, withinMs = ANSWER_WITHIN_MS }: Terminal,
  signal: AbortSignal,
): Audience {
  const { bold, dim } = createColors(isColorSupported);
  return {
    ask: async (question, keys) => {
      const indented = question.replace(/^(?=.)/gm, '  ');
      output.write(`\n${bold(indented)}\n  ${dim(`(Without an answer it goes on in ${withinMs / 1_000} s.)`)}\n`);
      const key = await pressed(input, keys, AbortSignal.any([signal, AbortSignal.timeout(withinMs)]));
      signal.throwIfAborted();
      output.write(`  ${dim(key === undefined ? 'Nobody answered, so it goes on by itself.' : 'Thank you.')}\n\n`);
      return key;
    },
  };
}

/** The first of the keys that is pressed before `signal`. Ctrl-C stays what it is everywhere. */
function pressed(input: ReadStream, keys: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (key?: string): void => {
      input.off('data', onData);
      signal.removeEventListener('abort', onAbort);
      input.setRawMode(false);
      input.pause();
      resolve(key);
    };
    const onAbort = (): void => done();
    const onData = (data: Buffer): void => {
      const text = data.toString('utf8').toLowerCase();
      if (text.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
      const key = keys.find((each) => text.includes(each));
      if (key !== undefined) done(key);
    };
    input.setRawMode(true);
    input.resume();
    input.on('data', onData);
    if (signal.aborted) done();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
