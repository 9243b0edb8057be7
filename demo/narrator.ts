import { createColors, isColorSupported } from 'picocolors';
import { type Handled } from './handled';

/** Tells the story while it happens, on stderr: for people, and out of the way of scripts. */
export interface Narrator {
  chapter(title: string): void;
  /** How one invoice ended. */
  invoice(handled: Handled): void;
  note(text: string): void;
}

const FILE_WIDTH = 31;
const AMOUNT_WIDTH = 14;

export function createNarrator(out: NodeJS.WriteStream = process.stderr): Narrator {
  const { bold, dim, green, yellow, red } = createColors(isColorSupported && out.isTTY);
  const paint = {
    executed: green,
    invalid: yellow,
    denied: yellow,
    rejected: yellow,
    expired: yellow,
    undone: yellow,
  } as const;
  return {
    chapter: (title) => void out.write(`\n${bold(title)}\n`),
    note: (text) => void out.write(`  ${dim(text)}\n`),
    invoice: ({ file, ending, expected, why, params }) => {
      const amount = params === undefined ? '' : `${printable(params.amountMinor)} ${params.currency}`;
      const colour = ending === expected && ending in paint ? paint[ending as keyof typeof paint] : red;
      const reasons = why.length === 0 ? '' : dim(` (${why.join(', ')})`);
      out.write(`  ${file.padEnd(FILE_WIDTH)}${amount.padStart(AMOUNT_WIDTH)}  ${colour(ending)}${reasons}\n`);
    },
  };
}

function printable(amountMinor: number): string {
  const digits = String(Math.abs(amountMinor)).padStart(3, '0');
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${amountMinor < 0 ? '-' : ''}${whole}.${digits.slice(-2)}`;
}
