import { isObject, type Json, type JsonObject } from '../domain/json';
import { type LeafRecord } from './check-ledger';
import { parseLeaf } from './parse-leaf';
import { type Said } from './story';

/** One entry of the ledger about one action. */
export interface StoryEntry {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly entry: JsonObject;
  readonly body: Said<JsonObject>;
}

/** The entry in a row of the log, if it is about this action. What is no entry at all is the verifier's to report. */
export function storyEntry({ leaf, body }: Pick<LeafRecord, 'leaf' | 'body'>, action: string): StoryEntry | undefined {
  const said = parseLeaf(leaf);
  const event = said?.entry['event'];
  if (said === undefined || typeof event !== 'string' || !isAbout(said.entry, action)) return undefined;
  const { seq, at, entry } = said;
  return { seq, at, event, entry, body: said.body === null ? { kind: 'nothing' } : read(body) };
}

/** Most entries name their action; those of a grant name the grant, whose id begins with it. */
function isAbout({ action, grant }: JsonObject, wanted: string): boolean {
  return action === wanted || (typeof grant === 'string' && grant.startsWith(`${wanted}.`));
}

function read(body: LeafRecord['body']): Said<JsonObject> {
  if (body === undefined) return { kind: 'withheld' };
  if (body === null) return { kind: 'erased' };
  const value = parsed(body.text);
  // Only an object can have been committed to: it is there no more, and what was put in its place is the verifier's to report.
  return isObject(value) ? { kind: 'said', value } : { kind: 'erased' };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined; // the caller says what that is
  }
}
