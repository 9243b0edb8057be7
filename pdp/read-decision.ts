import { type Finding, RESERVED_FINDING_PREFIX } from '../domain/decision';
import { type ActionType, type ApprovalChain } from '../domain/documents';
import { isObject } from '../domain/json';
import { type PolicyErrorKind } from './policy-error';

/** A decision before it is bound to a bundle. */
export interface FoldedDecision {
  readonly effect: 'allow' | 'deny' | 'require_approval';
  readonly findings: readonly Finding[];
  readonly chains: readonly string[];
}

type Chains = Readonly<Record<string, ApprovalChain>>;

/** More reasons than this are a policy gone wrong; everyone who is told the decision would have to carry them. */
const MAX_FINDINGS = 256;

/** Long enough for a paragraph; the text travels to cards, agents and the ledger's bodies. */
const MAX_TEXT = 2_000;

const FIELDS: Readonly<Record<Finding['effect'], readonly string[]>> = {
  allow: ['code', 'effect'],
  deny: ['code', 'effect', 'message', 'remedy'],
  approval: ['code', 'effect', 'message', 'chain'],
};

/**
 * Takes what the fold in `policies/lib` answered, believing nothing: the shape is checked member by member, and the effect must be the one
 * that follows from the findings. Findings and chains come back sorted, so that equal decisions are equal bytes.
 */
export function readDecision(value: unknown, actionType: ActionType, chains: Chains): FoldedDecision | PolicyErrorKind {
  if (!isObject(value) || !hasOnly(value, ['effect', 'findings', 'chains']) || !Array.isArray(value['findings']))
    return 'wrong_shape';
  if (value['findings'].length > MAX_FINDINGS) return 'wrong_shape';
  const findings: Finding[] = [];
  for (const finding of value['findings'] as unknown[]) {
    if (!isFinding(finding)) return 'wrong_shape';
    if (finding.code.startsWith(RESERVED_FINDING_PREFIX)) return 'reserved';
    findings.push(finding);
  }
  const named = [...new Set(findings.flatMap(({ chain }) => (chain === undefined ? [] : [chain])))].sort();
  const effect = effectOf(findings);
  if (value['effect'] !== effect || !sameNames(value['chains'], named)) return 'wrong_shape';
  if (named.some((id) => !Object.hasOwn(chains, id))) return 'unknown_chain';
  if (effect !== 'deny' && actionType.effect === 'irreversible' && peopleIn(named, chains) < 2)
    return 'irreversible_needs_two';
  return { effect, findings: findings.sort(inOrder), chains: effect === 'require_approval' ? named : [] };
}

/** The fold once more, as a guard on the one in Rego: whichever of the two is wrong, nothing passes. */
function effectOf(findings: readonly Finding[]): FoldedDecision['effect'] {
  const has = (effect: Finding['effect']): boolean => findings.some((finding) => finding.effect === effect);
  if (has('deny') || !has('allow')) return 'deny';
  return has('approval') ? 'require_approval' : 'allow';
}

function isFinding(value: unknown): value is Finding {
  if (!isObject(value)) return false;
  const effect = value['effect'];
  if (effect !== 'allow' && effect !== 'deny' && effect !== 'approval') return false;
  const fields = FIELDS[effect];
  return hasOnly(value, fields) && fields.every((field) => isText(value[field]));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_TEXT;
}

function sameNames(value: unknown, names: readonly string[]): boolean {
  if (!Array.isArray(value) || value.length !== names.length) return false;
  const sorted = [...(value as unknown[])].sort();
  return names.every((name, index) => sorted[index] === name);
}

/** Distinct people: whoever has voted in one stage cannot vote in another. */
function peopleIn(named: readonly string[], chains: Chains): number {
  return named.flatMap((id) => chains[id]?.stages ?? []).reduce((sum, { need }) => sum + need, 0);
}

function inOrder(a: Finding, b: Finding): number {
  const text = ({ effect, code, chain = '', message = '', remedy = '' }: Finding): string =>
    [effect, code, chain, message, remedy].join('\0');
  return text(a) < text(b) ? -1 : 1;
}

function hasOnly(value: Readonly<Record<string, unknown>>, fields: readonly string[]): boolean {
  const names = Object.keys(value);
  return names.length === fields.length && names.every((name) => fields.includes(name));
}
