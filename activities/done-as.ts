import { type Json, type JsonObject } from '../domain/json';
import { readPointer } from '../domain/read-pointer';
import { canonicalJson } from '../evidence/canonical-json';
import { type Ending } from './results';
import { type StepInHand } from './step-in-hand';

/** Compares what happened with what was approved. An effect that is not the one approved stays `done`: it has to be undone. */
export function doneAs({ step, action: { params }, basis: { facts } }: StepInHand, result: JsonObject): Ending {
  const same = (shown: Json | undefined, approved: Json | undefined): boolean =>
    shown !== undefined && approved !== undefined && canonicalJson(shown) === canonicalJson(approved);
  const asApproved = Object.entries(step.verify ?? {}).every(([shown, approved]) =>
    same(readPointer(result, shown), readPointer({ params, facts }, approved)),
  );
  return { state: 'done', result, ...(asApproved ? {} : { code: 'effect_mismatch' }) };
}
