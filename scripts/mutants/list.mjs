/**
 * What is mutated: whoever lets one of these be wrong lets something pass. `tests` are those of the file, which need no servers.
 *
 * @type {readonly { file: string, tests: readonly string[] }[]}
 */
export const MUTATED = [
  // The policy gate.
  { file: 'domain/judge-input.ts', tests: ['test/domain/judge-input.test.ts'] },
  { file: 'domain/open-stages.ts', tests: ['test/domain/open-stages.test.ts'] },
  { file: 'domain/read-pointer.ts', tests: ['test/domain/read-pointer.test.ts'] },
  { file: 'domain/spending.ts', tests: ['test/domain/spending.test.ts'] },
  { file: 'domain/verdict.ts', tests: ['test/domain/verdict.test.ts'] },
  { file: 'domain/ending.ts', tests: ['test/domain/ending.test.ts'] },
  { file: 'domain/decision-reasons.ts', tests: ['test/domain/decision-reasons.test.ts'] },
  { file: 'domain/read-facts.ts', tests: ['test/domain/read-facts.test.ts'] },
  { file: 'pdp/read-decision.ts', tests: ['test/pdp/read-decision.test.ts'] },
  { file: 'pdp/verify-manifest.ts', tests: ['test/pdp/open-bundle.test.ts'] },
  { file: 'pdp/open-bundle.ts', tests: ['test/pdp/open-bundle.test.ts'] },
  { file: 'pdp/params-validator.ts', tests: ['test/pdp/any-params.test.ts'] },
  // What a vote is bound to.
  { file: 'evidence/action-digest.ts', tests: ['test/evidence/action-digest.test.ts'] },
  { file: 'evidence/canonical-json.ts', tests: ['test/evidence/canonical-json.test.ts'] },
  { file: 'evidence/digest-of.ts', tests: ['test/evidence/action-digest.test.ts'] },
  { file: 'evidence/parse-json.ts', tests: ['test/evidence/parse-json.test.ts'] },
  // The ledger's verification.
  { file: 'evidence/merkle.ts', tests: ['test/evidence/merkle.test.ts'] },
  { file: 'evidence/merkle-proofs.ts', tests: ['test/evidence/merkle.test.ts'] },
  { file: 'evidence/note.ts', tests: ['test/evidence/note.test.ts'] },
  { file: 'evidence/checkpoint.ts', tests: ['test/evidence/note.test.ts'] },
  { file: 'evidence/checkpoint-chain.ts', tests: ['test/evidence/note.test.ts'] },
  { file: 'evidence/parse-leaf.ts', tests: ['test/evidence/parse-leaf.test.ts'] },
  { file: 'evidence/check-ledger.ts', tests: ['test/evidence/verify-export.test.ts'] },
  { file: 'evidence/verify-export.ts', tests: ['test/evidence/verify-export.test.ts'] },
  {
    file: 'evidence/ledger-export.ts',
    tests: ['test/evidence/verify-ledger.test.ts', 'test/evidence/verify-export.test.ts'],
  },
  { file: 'evidence/read-lines.ts', tests: ['test/evidence/read-lines.test.ts'] },
  { file: 'evidence/ledger-proof.ts', tests: ['test/evidence/ledger-proof.test.ts'] },
  {
    file: 'evidence/verify-ledger.mjs',
    tests: ['test/evidence/verify-export.test.ts', 'test/evidence/verify-ledger.test.ts'],
  },
];
