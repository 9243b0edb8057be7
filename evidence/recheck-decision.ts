import { type Decision, type DecisionInput } from '../domain/decision';
import { actionTypeOf, type DecisionPoint, denial, judgeInput } from '../domain/judge-input';
import { type Json, type JsonObject } from '../domain/json';
import { canonicalJson } from './canonical-json';
import { digestOf } from './digest-of';
import { type Said } from './story';

/** A decision as it is stored. */
export interface StoredJudgement extends Decision {
  readonly input: DecisionInput;
  readonly inputDigest: string;
}

/** The same decision as the ledger has it. */
export interface RecordedJudgement {
  readonly entry: JsonObject;
  readonly body: Said<JsonObject>;
}

/** The bundle that the decision was made under, ready to be asked again. */
export type StoredPoint = DecisionPoint;

export interface Recheck {
  /** What policy says to the stored input now. */
  readonly again: Decision;
  /** Empty: the same decision, byte for byte, and the one that the ledger has. */
  readonly differences: readonly string[];
}

/** Denials by what stood in Postgres at that moment: fences, budgets, people. No input holds those, so they are compared with the ledger alone. */
const OF_THE_MOMENT = ['scope_fenced', 'budget_unknown', 'budget_exhausted', 'approval_unsatisfiable'] as const;

/** Makes a stored decision again from its stored input, and compares it with what is stored and with what the ledger says. */
export function recheckDecision(
  stored: StoredJudgement,
  point: StoredPoint,
  recorded: RecordedJudgement | undefined,
): Recheck {
  const { input } = stored;
  const { type, version } = input.action;
  const actionType = actionTypeOf(point.catalogue.actionTypes, { type, version });
  const again = judgeInput(point, input, { actionType, fenced: false });
  const moment = OF_THE_MOMENT.find((code) => stored.findings.length === 1 && stored.findings[0]?.code === code);
  const expected = moment === undefined ? again : denial(point, moment);
  return {
    again,
    differences: [
      ...differ('the digest of the stored input', stored.inputDigest, digestOf('decision', plain(input))),
      ...differ('the bundle', stored.bundleDigest, point.bundle.digest),
      ...differ('the decision', textOf(stored), textOf(expected)),
      ...(recorded === undefined ? [] : againstLedger(stored, recorded)),
    ],
  };
}

function againstLedger(stored: StoredJudgement, { entry, body }: RecordedJudgement): string[] {
  const codes = stored.findings.map(({ code }) => code).sort();
  const said = { effect: stored.effect, chains: stored.chains, codes, bundleDigest: stored.bundleDigest };
  return [
    ...Object.entries(said).flatMap(([name, value]) =>
      differ(`${name} in the ledger`, canonicalJson(entry[name] ?? null), canonicalJson(value)),
    ),
    ...(body.kind === 'said'
      ? differ('the input digest in the ledger', body.value['inputDigest'], stored.inputDigest)
      : []),
  ];
}

function differ(what: string, there: Json | undefined, here: string): string[] {
  if (there === here) return [];
  return [`${what}: ${typeof there === 'string' ? there : canonicalJson(there ?? null)}, and not ${here}`];
}

function textOf({ effect, findings, chains, bundleDigest }: Decision): string {
  return canonicalJson(plain({ effect, findings, chains, bundleDigest }));
}

/** Interfaces as plain JSON, without members that are `undefined`. */
function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
