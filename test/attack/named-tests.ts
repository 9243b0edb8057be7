import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

/** `it('X1 …`, `describe('X1 X2 …`, and the name behind the table of an `each`. Not `it.skip(`: what does not run proves nothing. */
const NAME = /(?:\b(?:test|it|describe)|\))\(\s*['"`]((?:[A-Z]\d+ )+)/g;

/** The files whose tests begin with an id, by id. */
export function namedTests(): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const file of testFiles()) {
    const text = readFileSync(join(packageRoot(), file), 'utf8');
    for (const [, ids = ''] of text.matchAll(NAME))
      for (const id of ids.trim().split(' ')) found.set(id, (found.get(id) ?? new Set()).add(file));
  }
  return found;
}

function testFiles(): string[] {
  return readdirSync(join(packageRoot(), 'test'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => `test/${file}`);
}
