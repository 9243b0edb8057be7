import { type ActionTypeSource } from './action-type-shape';
import { type ChainSource } from './chain-shape';
import { type TargetSource } from './target-shape';

/** A document with the file that it came from. */
export interface Sourced<T> {
  readonly file: string;
  readonly source: T;
}

/** All documents of a directory that have the shape of their kind, by id; what they mean is still to be judged. */
export interface Sources {
  readonly actionTypes: ReadonlyMap<string, Sourced<ActionTypeSource>>;
  readonly targets: ReadonlyMap<string, Sourced<TargetSource>>;
  readonly chains: ReadonlyMap<string, Sourced<ChainSource>>;
}
