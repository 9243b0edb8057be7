import { setTimeout as sleep } from 'node:timers/promises';
import { NOBODY } from '../../demo/audience';
import { type Narrator } from '../../demo/narrator';
import { type Chapter, sideBySide } from '../../demo/story/side-by-side';
import { type Stage } from '../../demo/story/stage';

function stage(audience: Stage['audience'] = NOBODY) {
  const told: string[] = [];
  const tell: Narrator = {
    chapter: (title) => told.push(title),
    invoice: () => told.push('?'),
    note: (text) => told.push(text),
  };
  return { told, stage: { tell, audience } as unknown as Stage };
}

const chapter = (name: string, until: () => Promise<unknown>): Chapter => {
  return async ({ tell }) => {
    tell.chapter(name);
    await until();
    tell.note(`end of ${name}`);
    return [];
  };
};

test('chapters happen at once and are told one after the other', async () => {
  const { told, stage: all } = stage();
  // The first ends when the last has begun: one after the other, they would never end.
  let began: (() => void) | undefined;
  const lastBegan = new Promise<void>((resolve) => (began = resolve));
  await sideBySide(all, [
    chapter('slow', () => lastBegan),
    chapter('quick', () => sleep(10)),
    chapter('last', () => Promise.resolve(began?.())),
  ]);
  expect(told).toEqual(['slow', 'end of slow', 'quick', 'end of quick', 'last', 'end of last']);
});

test('whoever is asked has been told what it is about', async () => {
  const { told, stage: all } = stage({ ask: (question) => Promise.resolve(String(told.push(question))) });
  const asks: Chapter = async ({ tell, audience }) => {
    tell.chapter('asks');
    await audience.ask('well?', ['a']);
    return [];
  };
  await sideBySide(all, [chapter('slow', () => sleep(50)), asks]);
  expect(told).toEqual(['slow', 'end of slow', 'asks', 'well?']);
});

test('one that fails fails them all', async () => {
  const fails: Chapter = () => Promise.reject(new Error('no'));
  await expect(sideBySide(stage().stage, [chapter('slow', () => sleep(20)), fails])).rejects.toThrow('no');
});
