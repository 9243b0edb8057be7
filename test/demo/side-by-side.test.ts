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

const chapter = (name: string, ms: number): Chapter => {
  return async ({ tell }) => {
    tell.chapter(name);
    await sleep(ms);
    tell.note(`end of ${name}`);
    return [];
  };
};

test('chapters happen at once and are told one after the other', async () => {
  const { told, stage: all } = stage();
  const started = performance.now();
  await sideBySide(all, [chapter('slow', 300), chapter('quick', 10), chapter('middle', 150)]);
  expect(performance.now() - started).toBeLessThan(440);
  expect(told).toEqual(['slow', 'end of slow', 'quick', 'end of quick', 'middle', 'end of middle']);
});

test('whoever is asked has been told what it is about', async () => {
  const { told, stage: all } = stage({ ask: (question) => Promise.resolve(String(told.push(question))) });
  const asks: Chapter = async ({ tell, audience }) => {
    tell.chapter('asks');
    await audience.ask('well?', ['a']);
    return [];
  };
  await sideBySide(all, [chapter('slow', 50), asks]);
  expect(told).toEqual(['slow', 'end of slow', 'asks', 'well?']);
});

test('one that fails fails them all', async () => {
  const fails: Chapter = () => Promise.reject(new Error('no'));
  await expect(sideBySide(stage().stage, [chapter('slow', 20), fails])).rejects.toThrow('no');
});
