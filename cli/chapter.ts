import { type Json } from '../domain/json';
import { canonicalJson } from '../evidence/canonical-json';
import { type Said } from '../evidence/story';

/** A part of a story, ready to be set in any type: lines of a name and a text. Texts are as they came, not made visible yet. */
export interface Chapter {
  readonly title: string;
  readonly lines: readonly (readonly [name: string, text: string])[];
}

export type Line = Chapter['lines'][number];
/** A moment, absolute and counted from the request. */
export type Moment = (at: string | null) => string;

/** The same lines, checked to be such. */
export function lines(...content: readonly Line[]): readonly Line[] {
  return content;
}

export function known(value: string | number | null): string {
  return value === null ? 'unknown' : String(value);
}

export function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}

export function plain(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

const UNSAID = {
  nothing: 'nothing was said',
  erased: 'erased; the entry proves that there was something, and not what',
  withheld: 'not in this export',
} as const;

export function said<T>(value: Said<T>, words: (value: T) => string = String): string {
  return value.kind === 'said' ? words(value.value) : UNSAID[value.kind];
}
