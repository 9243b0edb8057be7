import fc from 'fast-check';
import { toolOf } from '../../client/tool';
import { ACTION_TYPE_PATTERN } from '../../domain/ids';

const listed = (id: string, params = {}) =>
  ({
    id,
    risk: 'low',
    effect: 'irreversible',
    lane: 'brokered',
    headline: 'Wipe {disk}',
    params: { type: 'object', ...params },
  }) as const;

const word = fc.stringMatching(/^[a-z][a-z0-9_]{0,31}$/);
const actionTypes = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join('.'));

test('every action type has a name that models take, and no two the same', () => {
  fc.assert(
    fc.property(fc.uniqueArray(actionTypes, { minLength: 2, maxLength: 8 }), (ids) => {
      const names = ids.map((id) => toolOf(listed(id)).name);
      for (const id of ids) expect(id).toMatch(ACTION_TYPE_PATTERN);
      for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

test('two long action types that begin alike stay apart', () => {
  const long = `${'a'.repeat(32)}.${'b'.repeat(32)}.`;
  expect(toolOf(listed(`${long}c`)).name).not.toBe(toolOf(listed(`${long}d`)).name);
});

test('what the schema says about itself goes before the headline', () => {
  expect(toolOf(listed('disk.wipe')).description).toMatch(/^Wipe <disk>\. Risk: low\. It cannot be undone\. /);
  expect(toolOf(listed('disk.wipe', { description: 'Wipes a disk for good.' })).description).toMatch(
    /^Wipes a disk for good\. Risk: low\. /,
  );
  expect(toolOf({ ...listed('disk.look'), lane: 'cooperative' })).toMatchObject({
    lane: 'cooperative',
    description: expect.stringMatching(/at once\.$/),
  });
});
