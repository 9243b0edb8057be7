// Whether each guard stands where the list says, without taking any out: `npm run guards` takes a quarter of an hour, and is not run with every change.
import { fileURLToPath } from 'node:url';
import { GUARDS } from './guards/list.mjs';
import { objectionTo } from './guards/objection.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
for (const each of GUARDS) {
  const objection = objectionTo(each, root);
  if (objection === undefined) continue;
  console.error(`${each.guard}: ${objection}`);
  process.exitCode = 1;
}
