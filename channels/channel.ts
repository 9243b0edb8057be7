import { type Notice } from '../domain/notice';
import { type NoteWords } from '../domain/note-words';
import { type Surface } from '../domain/surface';

/** The memory of what is shown where, for one request. Each call is committed when it resolves. */
export interface Surfaces {
  readonly all: readonly Surface[];
  /** Writes down that it will be sent, before it is. True: this is the first time; false: an earlier try may have arrived. */
  readonly intend: (surface: string, channel: Surface['channel'], place: string) => Promise<boolean>;
  /** It shows this version now. `shown` is what was sent, of which the digest is kept. */
  shown(surface: string, version: number, externalId: string, shown: string): Promise<void>;
  readonly gone: (surface: string, code: string) => Promise<void>;
}

/** What came of bringing one channel up to date. Nothing that fails here changes what was decided. */
export type Shown =
  | { readonly kind: 'shown' }
  /** Not all of it, and it is tried again: after `retryAfterMs`, where the other side named a time. `asked`: the request itself is shown, as it is. */
  | { readonly kind: 'failed'; readonly code: string; readonly retryAfterMs?: number; readonly asked?: boolean };

/** Somebody to be told, and where that channel finds them. */
export interface Recipient {
  readonly person: string;
  /** A Slack user id, or a mail address. */
  readonly address: string;
}

/** A way to people. It brings all that it shows of a request up to date; done again, it changes nothing. */
export interface Channel {
  readonly name: Surface['channel'];
  show(notice: Notice, surfaces: Surfaces, recipients: readonly Recipient[]): Promise<Shown>;
}

/** A few words for one person, with nothing to decide. */
export interface Note extends NoteWords {
  /** Names it for ever; what was told once is not told again. */
  readonly id: string;
  readonly agent: string;
  readonly madeAtMs: number;
  /** An earlier try may have arrived. */
  readonly tried: boolean;
}

/** What came of telling one. `refused`: it cannot reach them in this way. */
export type Told =
  | { readonly kind: 'told' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failed'; readonly code: string };

/** A way to tell one person something, at an address that is a Slack user id or a mail address. */
export type TellPerson = (note: Note, address: string) => Promise<Told>;
