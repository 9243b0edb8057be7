/** The limits of Block Kit, as its reference states them. */
const LIMITS = {
  blocksPerMessage: 50,
  blocksPerModal: 100,
  sectionText: 3_000,
  fields: 10,
  fieldText: 2_000,
  headerText: 150,
  contextElements: 10,
  actionsElements: 25,
  buttonText: 75,
  buttonValue: 2_000,
  buttonUrl: 3_000,
  id: 255,
  /** Not in the reference: seen as `msg_blocks_too_long`, at about this many characters of all blocks together. */
  allBlocks: 13_200,
} as const;

type Block = Readonly<Record<string, unknown>>;

const isBlock = (value: unknown): value is Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is wrong with these blocks, as Slack would say it; `undefined`: nothing. */
export function problemOfBlocks(blocks: unknown, where: 'message' | 'modal'): string | undefined {
  if (!Array.isArray(blocks)) return 'invalid_blocks_format';
  if (blocks.length > (where === 'modal' ? LIMITS.blocksPerModal : LIMITS.blocksPerMessage)) return 'invalid_blocks';
  const seen = new Set<unknown>();
  for (const block of blocks as unknown[]) {
    if (!isBlock(block) || !fits(block)) return 'invalid_blocks';
    if (block['block_id'] !== undefined && seen.has(block['block_id'])) return 'invalid_blocks';
    seen.add(block['block_id']);
  }
  return where === 'message' && textOf(blocks).length > LIMITS.allBlocks ? 'msg_blocks_too_long' : undefined;
}

function fits(block: Block): boolean {
  if (!shorter(block['block_id'], LIMITS.id)) return false;
  switch (block['type']) {
    case 'header':
      return isText(block['text'], LIMITS.headerText, ['plain_text']);
    case 'section':
      return fitsSection(block);
    case 'context':
      return eachOf(block['elements'], LIMITS.contextElements, (element) => isText(element, LIMITS.fieldText));
    case 'actions':
      return eachOf(block['elements'], LIMITS.actionsElements, isButton);
    case 'divider':
      return true;
    case 'input':
      return isText(block['label'], LIMITS.fieldText, ['plain_text']) && isBlock(block['element']);
    case 'rich_text':
      return eachOf(block['elements'], LIMITS.blocksPerModal, isBlock);
    default:
      return false;
  }
}

function fitsSection({ text, fields }: Block): boolean {
  if (text === undefined && fields === undefined) return false;
  return (
    (text === undefined || isText(text, LIMITS.sectionText)) &&
    (fields === undefined || eachOf(fields, LIMITS.fields, (field) => isText(field, LIMITS.fieldText)))
  );
}

function eachOf(elements: unknown, most: number, fits: (element: unknown) => boolean): boolean {
  return Array.isArray(elements) && elements.length > 0 && elements.length <= most && elements.every(fits);
}

function isButton(element: unknown): boolean {
  if (!isBlock(element) || element['type'] !== 'button') return false;
  return (
    isText(element['text'], LIMITS.buttonText, ['plain_text']) &&
    shorter(element['value'], LIMITS.buttonValue) &&
    shorter(element['action_id'], LIMITS.id) &&
    shorter(element['url'], LIMITS.buttonUrl) &&
    (element['style'] === undefined || element['style'] === 'primary' || element['style'] === 'danger')
  );
}

function isText(text: unknown, most: number, types: readonly string[] = ['plain_text', 'mrkdwn']): boolean {
  if (!isBlock(text) || !types.includes(String(text['type']))) return false;
  const words = text['text'];
  return typeof words === 'string' && words.length > 0 && words.length <= most;
}

function shorter(value: unknown, most: number): boolean {
  return value === undefined || (typeof value === 'string' && value.length > 0 && value.length <= most);
}

/** All the words in blocks: what their total size is counted by, and what tests search. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  return Object.values(value).map(textOf).join('');
}
