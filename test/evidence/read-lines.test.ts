import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLines } from '../../evidence/read-lines';

const directory = mkdtempSync(join(tmpdir(), 'countersign-lines-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

async function linesOf(text: string): Promise<string[]> {
  const file = join(directory, 'lines');
  writeFileSync(file, text);
  const lines: string[] = [];
  for await (const line of readLines(file)) lines.push(line);
  return lines;
}

/** Files are read in pieces of 64 KiB: a line may lie in several, or end with one. */
const PIECE = 64 * 1024;

it('lines end at line feeds alone, wherever the pieces of the file end', async () => {
  const lines = [
    '',
    'é\u2028\r',
    'a'.repeat(PIECE),
    '',
    'b'.repeat(3 * PIECE + 7),
    'c'.repeat(PIECE - 1),
    'é'.repeat(PIECE),
  ];
  expect(await linesOf(lines.map((line) => `${line}\n`).join(''))).toEqual(lines);
  expect(await linesOf(lines.join('\n'))).toEqual(lines);
  expect(await linesOf('')).toEqual([]);
  expect(await linesOf('\n')).toEqual(['']);
  expect(await linesOf('x')).toEqual(['x']);
});

it('many lines are read, however large they are together, and one of more than 4 MiB is not', async () => {
  const most = 'x'.repeat(4 * 1024 * 1024);
  expect(await linesOf(`${most}\n${most}\n${most}`)).toEqual([most, most, most]);
  await expect(linesOf(`${most}x`)).rejects.toThrow(/longer than 4194304 bytes/);
});
