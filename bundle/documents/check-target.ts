import { checkHttpTarget } from './check-http-target';
import { checkPostgresTarget } from './check-postgres-target';
import { type Problem } from '../problem';
import { type TargetSource } from './target-shape';

/** Judges a target by itself. How its operations fit the actions that use them is judged there (`check-steps`, `check-facts`). */
export function checkTarget(file: string, source: TargetSource): Problem[] {
  switch (source.provider) {
    case 'http':
      return checkHttpTarget(file, source);
    case 'postgres':
      return checkPostgresTarget(file, source);
  }
}
