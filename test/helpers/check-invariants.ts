import { approvalsOfOthers } from './invariants/approvals-of-others';
import { atMostOnce } from './invariants/at-most-once';
import { authorised } from './invariants/authorised';
import { boundedGrants } from './invariants/bounded-grants';
import { budgetsKept } from './invariants/budgets-kept';
import { type Checked, type Evidence, gatherEvidence } from './invariants/evidence';
import { netted } from './invariants/netted';
import { noSecrets } from './invariants/no-secrets';
import { nothingBehindAFence } from './invariants/nothing-behind-a-fence';
import { onceInLedger } from './invariants/once-in-ledger';
import { oneTenant } from './invariants/one-tenant';
import { quiesce } from './invariants/quiesce';
import { verifiedLedger } from './invariants/verified-ledger';
import { replayAll } from './replay';

export interface InvariantOptions {
  /** Secrets that a test sent in. */
  readonly canaries?: readonly string[];
  /** How long what is under way may take to end. */
  readonly quietWithinMs?: number;
}

/**
 * Compares what the targets saw with what the ledger proves, never the system's opinion with itself. Every test of the
 * whole chain ends with it. Empty: all of I1–I12 and I14 hold; otherwise one line for each breach. (I13 is about votes
 * alone: `test/domain/verdict.test.ts`.)
 */
export async function checkInvariants(system: Checked, options: InvariantOptions = {}): Promise<readonly string[]> {
  return (await judge(system, options)).breaches;
}

/** The same, with what it was judged by. */
export async function judge(
  system: Checked,
  { canaries = [], quietWithinMs = 60_000 }: InvariantOptions = {},
): Promise<{ readonly breaches: readonly string[]; readonly evidence: Evidence }> {
  const open = await quiesce(system, quietWithinMs);
  const evidence = await gatherEvidence(system);
  const breaches = [
    ...authorised(evidence),
    ...atMostOnce(evidence),
    ...open,
    ...boundedGrants(evidence),
    ...onceInLedger(evidence),
    ...verifiedLedger(evidence),
    ...approvalsOfOthers(evidence),
    ...budgetsKept(evidence),
    ...oneTenant(evidence),
    ...nothingBehindAFence(evidence),
    ...noSecrets(evidence, canaries),
    ...(await replayAll(system, evidence.histories)),
    ...netted(evidence),
  ];
  return { breaches, evidence };
}
