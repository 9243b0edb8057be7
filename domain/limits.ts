/** Limits of one action's life, each with its reason. Times in milliseconds. */
export const LIMITS = {
  /** From `begin_effect` to the last moment a request may leave and its credential is accepted: long enough for a slow hop, short enough that a kill waits no longer. */
  sendWithinMs: 2_000,
  /** How long after `sendWithinMs` a target may still accept the credential: its expiry is rounded up to a whole second, and the target's clock may lag one behind ours. Then an effect that is not there cannot come any more. */
  clockSkewMs: 2_000,
  /** How often one step may be begun again after it was proved not to have happened. More than that is not a hiccup. */
  stepAttempts: 5,
  /** How often an action may go back to be decided anew: a world that changes faster than people can countersign is denied. */
  rounds: 5,
  /** Revocations that failed so often, about two minutes of trying, are worth waking somebody for; trying goes on. */
  revocationsBeforeTask: 8,
} as const;
