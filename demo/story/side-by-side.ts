import { type Audience, NOBODY } from '../audience';
import { type Handled } from '../handled';
import { type Narrator } from '../narrator';
import { type Stage } from './stage';

export type Chapter = (stage: Stage) => Promise<readonly Handled[]>;

/** Chapters that happen at the same time are told one after the other: the first as it happens, each other from where the one before has ended. */
export async function sideBySide(stage: Stage, chapters: readonly Chapter[]): Promise<readonly Handled[]> {
  let before: Promise<unknown> = Promise.resolve();
  const running = chapters.map((chapter) => {
    const { tell, release } = heldBack(stage.tell);
    const turn = before.then(release);
    // Whoever is asked has been told what it is about; where nobody is, nothing waits.
    const ask = async (...question: Parameters<Audience['ask']>): Promise<string | undefined> => {
      await turn;
      return stage.audience.ask(...question);
    };
    const audience = stage.audience === NOBODY ? NOBODY : { ask };
    const handled = chapter({ ...stage, tell, audience });
    before = turn.then(() => handled);
    return handled;
  });
  const [all] = await Promise.all([Promise.all(running), before]);
  return all.flat();
}

/** Keeps what is told until it is its turn. */
function heldBack(narrator: Narrator): { readonly tell: Narrator; readonly release: () => void } {
  let kept: (() => void)[] | undefined = [];
  const later = (telling: () => void): void => {
    if (kept === undefined) telling();
    else kept.push(telling);
  };
  return {
    tell: {
      chapter: (title) => later(() => narrator.chapter(title)),
      invoice: (handled) => later(() => narrator.invoice(handled)),
      note: (text) => later(() => narrator.note(text)),
    },
    release: () => {
      kept?.forEach((telling) => telling());
      kept = undefined;
    },
  };
}
