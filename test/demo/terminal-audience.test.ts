import { PassThrough } from 'node:stream';
import { type ReadStream, type WriteStream } from 'node:tty';
import { createTerminalAudience } from '../../demo/terminal-audience';

/** A terminal that remembers whether keys reach us one by one. */
function terminal(withinMs: number) {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), { setRawMode: (mode: boolean) => raw.push(mode) });
  const output = new PassThrough();
  const interrupted = new AbortController();
  const streams = { input: input as unknown as ReadStream, output: output as unknown as WriteStream, withinMs };
  const audience = createTerminalAudience(streams, interrupted.signal);
  return { audience, input, raw, interrupted, shown: () => String(output.read()) };
}

test('one of the keys answers, whatever else is pressed before, and the terminal is given back', async () => {
  const { audience, input, raw, shown } = terminal(10_000);
  const answer = audience.ask('Pay?\nWell?', ['a', 'd']);
  input.write('x');
  input.write('D');
  expect(await answer).toBe('d');
  expect(raw).toEqual([true, false]);
  expect(input.listenerCount('data')).toBe(0);
  expect(shown()).toContain('Pay?');
});

test('without an answer the story goes on', async () => {
  const { audience, raw, shown } = terminal(10);
  expect(await audience.ask('Pay?', ['a'])).toBeUndefined();
  expect(raw).toEqual([true, false]);
  expect(shown()).toContain('Nobody answered');
});

test('an interruption ends the question, and gives the terminal back', async () => {
  const { audience, raw, interrupted } = terminal(10_000);
  const answer = audience.ask('Pay?', ['a']);
  interrupted.abort(new Error('Stopped.'));
  await expect(answer).rejects.toThrow('Stopped.');
  expect(raw).toEqual([true, false]);
});
