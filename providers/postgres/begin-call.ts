import { type PostgresTarget } from '../../domain/documents';
import { LIMITS } from '../../domain/limits';
import { type ProviderCall } from '../../domain/provider';
import { elapsedMs } from '../elapsed-ms';
import { fillStatement } from './fill-statement';
import { issueRole } from './issue-role';
import { type Minter } from './minter';
import { Refused } from './refused';
import { roleName } from './role-name';
import { type MarkedStatement } from './run-statement';
import { openSession, type Session } from './session';

/** A session of the role that was made for one call, and what is to run in it. */
export interface BegunCall {
  readonly session: Session;
  readonly marked: MarkedStatement;
}

/** Fills the statement, makes the role, logs in. Whatever is thrown here means that nothing was done; the role may stand. */
export async function beginCall(
  minter: Minter,
  call: ProviderCall<PostgresTarget>,
  { allowSuperuser }: { readonly allowSuperuser: boolean },
): Promise<BegunCall> {
  const { target, values, grantId } = call;
  // Also catches NaN: a limit that is no number is no limit that we can keep.
  if (!(call.withinMs > 0 && Number.isFinite(call.withinMs))) throw new Refused('not_sent');
  const endsAtMs = elapsedMs() + Math.min(call.withinMs, target.limits.timeoutMs, LIMITS.sendWithinMs);
  const operation = Object.hasOwn(target.operations, call.operation) ? target.operations[call.operation] : undefined;
  if (operation?.sql === undefined) throw new Refused('operation_unknown');
  const statement = fillStatement(operation, { ...values });
  if (statement === undefined) throw new Refused('operation_unfillable');
  const issue = {
    role: roleName(grantId),
    profile: operation.profile,
    connections: 1,
    leftMs: () => Math.max(0, endsAtMs - elapsedMs()),
    allowSuperuser,
  };
  const credential = await minter.use(target, async (client) => await issueRole(client, issue));
  // Frozen while the role was made: its time began when the target heard of it, so it may live although ours is over.
  if (issue.leftMs() === 0) throw new Refused('not_sent');
  const session = await openSession(minter.addressOf(target), credential, endsAtMs);
  const { until } = credential;
  return { session, marked: { key: values.key, statement, until, maxBytes: target.limits.responseBytes } };
}
