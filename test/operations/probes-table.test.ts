import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';
import { NOT_READY } from '../../domain/not-ready';

const PAGE = readFileSync(join(packageRoot(), 'docs', 'operators.md'), 'utf8');

test('operators find what to do about everything that a probe may name', () => {
  const section = /^## Probes and metrics\n(.*?)^## /ms.exec(PAGE)?.[1] ?? '';
  const codes = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
  expect(codes.sort()).toEqual(Object.keys(NOT_READY).sort());
});
