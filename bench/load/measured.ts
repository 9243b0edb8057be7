import { type Memory } from './memory';
import { type Overload } from './overload';
import { type Comparison } from './side-by-side';

/** All that one run has measured. */
export interface Measured {
  /** A bare workflow beside itself: how far two equal things differ here and now. */
  readonly control: Comparison;
  /** Beside a bare workflow, by the number of callers. */
  readonly allowed: Readonly<Record<1 | 16 | 64, Comparison>>;
  /** Beside the naive form that does the same work, a person answering at once; by the number of callers. */
  readonly approved: Readonly<Record<1 | 16 | 64, Comparison>>;
  /** The same beside the naive form's round trips alone, in which nothing is decided, recorded or paid: no gateway, no database. */
  readonly skeleton: Comparison;
  readonly overload: Overload;
  readonly memory: Memory;
}
