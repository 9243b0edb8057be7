import { type ActionType, type CardField, type Pointer } from './documents';
import { type Json, type JsonObject } from './json';
import { readPointer } from './read-pointer';
import { minorUnitDigits } from './minor-units';
import { visibleText } from './visible-text';

export interface RenderedField {
  readonly label: string;
  readonly value: string;
  /** What stood here in the round before, where that differs and the catalogue asks to flag it. */
  readonly before?: string;
}

/** What an approver sees first. The complete parameters always follow. */
export interface RenderedCard {
  readonly headline: string;
  readonly fields: readonly RenderedField[];
}

interface Known {
  readonly params: JsonObject;
  readonly facts: Readonly<Record<string, Json>>;
}

/** Longer values are cut, visibly: one field must not push the others off the screen. */
const MAX_CHARACTERS = 200;

export function renderCard(card: ActionType['card'], now: Known, factsBefore: Known['facts'] | null): RenderedCard {
  const fields = Object.entries(card.fields).map(([label, field]): RenderedField => {
    const value = render(field, now);
    const before = factsBefore === null ? value : render(field, { params: now.params, facts: factsBefore });
    const flagged = 'flagChanged' in field && field.flagChanged === true && before !== value;
    return { label, value, ...(flagged && { before }) };
  });
  const values = new Map(fields.map(({ label, value }) => [label, value]));
  return {
    headline: card.headline.replace(/\{([^{}]*)\}/g, (hole, label: string) => values.get(label) ?? hole),
    fields,
  };
}

function render(field: CardField, known: Known): string {
  const read = (pointer: Pointer): Json | undefined =>
    readPointer({ params: known.params, facts: known.facts }, pointer);
  return 'money' in field ? money(read(field.money[0]), read(field.money[1])) : words(read(field.text));
}

function words(value: Json | undefined): string {
  if (value === undefined || value === null) return '(nothing)';
  const text = visibleText(typeof value === 'string' ? value : JSON.stringify(value));
  const characters = Array.from(text);
  if (characters.length <= MAX_CHARACTERS) return text;
  return `${characters.slice(0, MAX_CHARACTERS).join('')}… (${characters.length - MAX_CHARACTERS} more characters)`;
}

/** `12345` and `EUR` as `123.45 EUR`. Without floating point: the digits shown are those that are paid. */
function money(amountMinor: Json | undefined, currency: Json | undefined): string {
  const decimals = typeof currency === 'string' ? minorUnitDigits(currency) : undefined;
  if (decimals === undefined || typeof amountMinor !== 'number' || !Number.isSafeInteger(amountMinor)) {
    return `${words(amountMinor)} minor units of ${words(currency)}`;
  }
  const digits = String(Math.abs(amountMinor)).padStart(decimals + 1, '0');
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',');
  const fraction = decimals === 0 ? '' : `.${digits.slice(-decimals)}`;
  return `${amountMinor < 0 ? '-' : ''}${whole}${fraction} ${words(currency)}`;
}
