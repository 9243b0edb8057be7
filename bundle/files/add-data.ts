import { isObject, type Json, ownMember } from '../../domain/json';
import { type Problem } from '../problem';

/** Rego's own packages live under these names; data there would be hidden by them, or hide them. */
const TAKEN: readonly string[] = ['packs', 'countersign', 'system'];

/** Puts one file of `data/` where its path says, into `data`. */
export function addData(data: Record<string, Json>, file: string, value: unknown): Problem[] {
  const names = file
    .slice('data/'.length)
    .replace(/\.(ya?ml|json)$/, '')
    .split('/');
  const [root = ''] = names;
  if (names.some((name) => !/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name))) {
    return [
      {
        file,
        path: '',
        message: 'has a name that is no name in Rego.',
        remedy: 'Use letters, digits, underscores and hyphens: data/limits.yaml is data.limits.',
      },
    ];
  }
  if (TAKEN.includes(root))
    return [
      { file, path: '', message: `would be data.${root}, which the policies themselves use.`, remedy: 'Rename it.' },
    ];
  let place = data;
  for (const name of names.slice(0, -1)) {
    const inner = Object.hasOwn(place, name) ? place[name] : (place[name] = {});
    if (!isObject(inner)) return [conflict(file, name)];
    place = inner;
  }
  const last = names.at(-1) ?? '';
  const before = ownMember(place, last);
  // Files are sorted, and `a.yaml` comes before `a/b.yaml` or after it depending on their names: either way the two may share no member.
  if (before === undefined) place[last] = value as Json;
  else if (!isObject(before) || !isObject(value)) return [conflict(file, last)];
  else {
    const twice = Object.keys(value).find((name) => Object.hasOwn(before, name));
    if (twice !== undefined) return [conflict(file, twice)];
    Object.assign(before, value);
  }
  return [];
}

function conflict(file: string, name: string): Problem {
  return {
    file,
    path: '',
    message: `says something about "${name}" that another file says too.`,
    remedy: 'Keep each value in one file.',
  };
}
