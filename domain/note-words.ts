export type NoteKind = 'idle' | 'idle_again' | 'reclaimed' | 'review_due' | 'review_restricted' | 'review_lapsed';

/** What an owner is told of an agent of theirs. */
export interface NoteWords {
  readonly headline: string;
  readonly lines: readonly string[];
}

const ASK = 'Have somebody who does not stand behind it say whether it stays: countersign agents reviews';

/** In the same words wherever it is told. `agent` is an id, and so of harmless letters. */
export function noteWords(kind: NoteKind, agent: string): NoteWords {
  switch (kind) {
    case 'idle':
      return {
        headline: `Your agent ${agent} asks for nothing.`,
        lines: ['If it goes on so, you are told once more, and then it is stopped and its keys end.', ASK],
      };
    case 'idle_again':
      return {
        headline: `Your agent ${agent} still asks for nothing.`,
        lines: ['This is the second warning. After seven more days it is stopped and its keys end.', ASK],
      };
    case 'reclaimed':
      return {
        headline: `Your agent ${agent} asked for nothing, and was stopped.`,
        lines: [
          'It is quarantined and its keys have ended. Two people can resume it; where it is not needed, end it:',
          `countersign agents offboard ${agent}`,
        ],
      };
    case 'review_due':
      return {
        headline: `What your agent ${agent} may do has to be confirmed.`,
        lines: ['If nobody does so within two weeks, it has to ask for everything.', ASK],
      };
    case 'review_restricted':
      return {
        headline: `Nobody has confirmed what your agent ${agent} may do.`,
        lines: ['It may do only what people countersign. After two more weeks it is quarantined.', ASK],
      };
    case 'review_lapsed':
      return {
        headline: `Your agent ${agent} is quarantined: nobody has confirmed what it may do.`,
        lines: ['Once somebody has, two people can resume it.', ASK],
      };
  }
}
