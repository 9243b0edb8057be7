import { z } from 'zod';
import { httpTargetShape } from './http-target-shape';
import { postgresTargetShape } from './postgres-target-shape';

/** A target as its file has it (`kind: Target`); `provider` says which kind of target it is. */
export const targetShape = z.discriminatedUnion('provider', [httpTargetShape, postgresTargetShape]);

export type TargetSource = z.infer<typeof targetShape>;
