import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../config/paths';

/** What docs/threats.md says of one id: the test that shows it, or why there is none yet. */
export interface Threat {
  readonly id: string;
  readonly says: string;
}

const ROW = /^\| ([XFI]\d+) \|.*\| ([^|]+) \|$/gm;

/** Every row of its tables, in their order. */
export function threats(): readonly Threat[] {
  const text = readFileSync(join(packageRoot(), 'docs', 'threats.md'), 'utf8');
  return [...text.matchAll(ROW)].map(([, id = '', says = '']) => ({ id, says }));
}
