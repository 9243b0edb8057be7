import { type Json, type JsonObject } from '../domain/json';
import { type Said } from './story';
import { type StoryEntry } from './story-entry';

/** Reads members of entries, and remembers what was not there. Entries of earlier versions say less. */
export class StoryReader {
  readonly unknown: string[] = [];

  text({ entry, event }: StoryEntry, name: string): string | null {
    const value = entry[name];
    return typeof value === 'string' ? value : this.#missing(event, name);
  }

  number({ entry, event }: StoryEntry, name: string): number | null {
    const value = entry[name];
    return typeof value === 'number' ? value : this.#missing(event, name);
  }

  texts({ entry, event }: StoryEntry, name: string): readonly string[] {
    const value = entry[name];
    if (Array.isArray(value)) return textsIn(value as readonly Json[]);
    this.#missing(event, name);
    return [];
  }

  /** What nobody can know who has only this ledger. */
  gap(what: string): null {
    this.unknown.push(what);
    return null;
  }

  #missing(event: string, name: string): null {
    return this.gap(`${name} of ${event}`);
  }
}

/** A member that may be absent without anything missing. */
export function optionalText(entry: JsonObject, name: string): string | null {
  const value = entry[name];
  return typeof value === 'string' ? value : null;
}

export function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

export function textsIn(value: Json | undefined): string[] {
  return listIn(value).filter((each) => typeof each === 'string');
}

export function objectIn(value: Json | undefined): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** One member of a body; `nothing` where the body never had it. */
export function saidIn<T>(body: Said<JsonObject>, read: (body: JsonObject) => T | undefined): Said<T> {
  if (body.kind !== 'said') return { kind: body.kind };
  const value = read(body.value);
  return value === undefined ? { kind: 'nothing' } : { kind: 'said', value };
}

export function saidText(body: Said<JsonObject>, name: string): Said<string> {
  return saidIn(body, (value) => optionalText(value, name) ?? undefined);
}
