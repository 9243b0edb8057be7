import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActionsBlock, type KnownBlock, type MrkdwnElement, type PlainTextElement } from '@slack/types';
import { buildCard } from '../channels/slack/build-card';
import { packageRoot } from '../config/paths';
import { SAMPLE_NOTICE } from './sample-notice';

/*
 * Draws the blocks of a card as Slack lays them out, near enough for a page: docs/images/slack-card.svg. Written from the very blocks that are sent;
 * a test compares the two.
 */

const WIDTH = 760;
const MARGIN = 24;
const LINE = 21;
/** Characters in a line, at the widths below. */
const COLUMNS = { whole: 92, half: 44, code: 84 } as const;

interface Drawing {
  readonly svg: string;
  readonly height: number;
}

/** The card of the sample as an SVG document. */
export function drawCard(): string {
  const { blocks } = buildCard(SAMPLE_NOTICE, [{ person: 'bob', address: 'U0BOB' }]);
  let y = MARGIN + 34;
  const drawn = blocks.map((block) => {
    const { svg, height } = draw(block, y);
    y += height + 8;
    return svg;
  });
  const [style, height] = [
    'font-family="Helvetica, Arial, sans-serif" font-size="14" fill="#1d1c1d"',
    String(y + MARGIN - 8),
  ];
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${height}" ${style}>`,
    `<title>A card in Slack that asks for a countersignature</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#ffffff" stroke="#dddddd"/>`,
    line('Countersign', MARGIN, MARGIN + 12, 'font-weight="bold" font-size="15"'),
    ...drawn,
    '</svg>',
  ].join('\n')}\n`;
}

function draw(block: KnownBlock, y: number): Drawing {
  if (block.type === 'header') return words(block.text.text, y, COLUMNS.whole, 'font-weight="bold" font-size="18"');
  if (block.type === 'actions') return buttons(block, y);
  if (block.type !== 'section') throw new Error(`There is no drawing of ${block.type}.`);
  if (block.fields !== undefined) return columns(block.fields, y);
  const text = block.text?.text ?? '';
  if (!text.startsWith('```')) return words(seen(text), y, COLUMNS.whole);
  const code = words(
    text.slice(3, -3),
    y + 8,
    COLUMNS.code,
    'font-family="Menlo, Consolas, monospace" font-size="13"',
    MARGIN + 8,
  );
  const box = `<rect x="${String(MARGIN)}" y="${String(y)}" width="${String(WIDTH - 2 * MARGIN)}" height="${String(code.height + 12)}" rx="4" fill="#f8f8f8" stroke="#dddddd"/>`;
  return { svg: `${box}\n${code.svg}`, height: code.height + 16 };
}

/** Two columns, as fields stand. */
function columns(fields: readonly (PlainTextElement | MrkdwnElement)[], y: number): Drawing {
  let height = 0;
  const rows: string[] = [];
  for (let first = 0; first < fields.length; first += 2) {
    const row = fields
      .slice(first, first + 2)
      .map(({ text }, column) =>
        words(text, y + height, COLUMNS.half, '', MARGIN + (column * (WIDTH - 2 * MARGIN)) / 2),
      );
    rows.push(...row.map(({ svg }) => svg));
    height += Math.max(...row.map((each) => each.height));
  }
  return { svg: rows.join('\n'), height };
}

function buttons({ elements }: ActionsBlock, y: number): Drawing {
  let x = MARGIN;
  const fills: Readonly<Record<string, string>> = { primary: '#007a5a', danger: '#e01e5a' };
  const drawn = elements.map((element) => {
    if (element.type !== 'button') throw new Error(`There is no drawing of ${element.type}.`);
    const [label, fill] = [element.text.text, fills[element.style ?? ''] ?? '#ffffff'];
    const width = 28 + label.length * 8;
    const box = `<rect x="${String(x)}" y="${String(y)}" width="${String(width)}" height="34" rx="4" fill="${fill}" stroke="#bbbbbb"/>`;
    const ink = element.style === undefined ? '#1d1c1d' : '#ffffff';
    const text = line(label, x + width / 2, y + 22, `font-weight="bold" text-anchor="middle" fill="${ink}"`);
    x += width + 10;
    return `${box}\n${text}`;
  });
  return { svg: drawn.join('\n'), height: 34 };
}

function words(text: string, y: number, columnsWide: number, style = '', x = MARGIN): Drawing {
  const lines = text.split('\n').flatMap((paragraph) => wrapped(paragraph, columnsWide));
  const svg = lines.map((each, index) => line(each, x, y + 15 + index * LINE, style)).join('\n');
  return { svg, height: lines.length * LINE };
}

function wrapped(text: string, columnsWide: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + 1 + word.length > columnsWide) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** What a reader sees of our own markup: mentions by name, the moment in their own time (here: UTC), no marks. */
function seen(markup: string): string {
  return markup
    .replaceAll('<@U0BOB>', '@bob')
    .replace(
      /<!date\^(\d+)\^[^>]*>/g,
      (_, seconds: string) => `${new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace('T', ' ')}`,
    )
    .replace(/[*`]/g, '');
}

/** Texts of blocks have their `& < >` escaped already, which is what SVG asks for too. */
function line(text: string, x: number, y: number, style = ''): string {
  return `<text x="${String(x)}" y="${String(y)}"${style === '' ? '' : ` ${style}`} xml:space="preserve">${text}</text>`;
}

/** Writes the picture; with `--check` only says whether it is what would be drawn. */
function main(): void {
  const file = join(packageRoot(), 'docs', 'images', 'slack-card.svg');
  if (!process.argv.includes('--check')) return writeFileSync(file, drawCard());
  if (readFileSync(file, 'utf8') === drawCard()) return;
  console.error('docs/images/slack-card.svg is not what is sent. Draw it anew: node dist/scripts/draw-card.js');
  process.exitCode = 1;
}

if (require.main === module) main();
