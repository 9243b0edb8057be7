import Table from 'cli-table3';
import pc from 'picocolors';
import { visibleText } from '../domain/visible-text';

/** Talk, for whoever watches. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Data, for whoever reads on. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** What to do next. */
export function hint(command: string, { as }: { readonly as?: string } = {}): void {
  say(pc.dim(`Next: ${command}${as === undefined ? '' : ` --as ${as}`}`));
}

/** Rows as a table without lines; whatever others wrote is made visible first. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
    'bottom-right': '',
  };
  const chars = { ...none, left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' };
  const text = new Table({
    head: head.map((name) => pc.dim(name)),
    chars,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  text.push(...rows.map((row) => row.map(visibleText)));
  return text.toString();
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const;

/** A time as people take it: how far away, and when exactly. */
export function when(time: string, nowMs: number): string {
  const seconds = Math.round((Date.parse(time) - nowMs) / 1_000);
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS[3];
  const far = `${Math.round(Math.abs(seconds) / size)} ${unit}`;
  return `${seconds < 0 ? `${far} ago` : `in ${far}`} (${time})`;
}
