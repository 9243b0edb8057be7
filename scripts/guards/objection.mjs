import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Why a guard of the list cannot be taken out of the checkout in `root`, though it may stand somewhere else in it: to take these lines out would show
 * nothing. `undefined` where it can.
 */
export function objectionTo({ file, lines }, root) {
  const path = join(root, file);
  const whole = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (whole.split(lines).length !== 2) return 'its lines are not there, or twice: mend scripts/guards/list.mjs';
  const newer = replacedBy({ file, lines }, root);
  return newer && `its function stands again in ${newer}: mend the list`;
}

/** A newer migration that writes the whole function of these lines again: to take them out of the older one changes nothing. */
function replacedBy({ file, lines }, root) {
  const migrations = join(root, 'db', 'migrations');
  if (dirname(join(root, file)) !== migrations) return undefined;
  const before = readFileSync(join(root, file), 'utf8').split(lines)[0];
  const name = [...before.matchAll(/create (?:or replace )?function (\w+)\(/g)].at(-1)?.[1];
  const again = `create or replace function ${name}(`;
  return readdirSync(migrations)
    .filter((other) => other > basename(file))
    .find((other) => readFileSync(join(migrations, other), 'utf8').includes(again));
}
