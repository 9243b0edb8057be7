import { type JsonObject } from './json';

/**
 * The documents that a policy directory is made of, after validation (`pdp/documents`).
 * They are data written by people: adding one needs no change of this code.
 */

/** A JSON Pointer (RFC 6901) into what an action knows: `/params/…`, `/facts/…`, `/steps/<id>/…` (an earlier step's result), `/key`. */
export type Pointer = string;

export type RiskClass = 'low' | 'medium' | 'high' | 'critical';
export type EffectClass = 'read' | 'reversible' | 'compensable' | 'irreversible';
export type Lane = 'cooperative' | 'permit' | 'granted' | 'brokered';

/** A fact fetched by us from a system of record, never taken from the agent. */
export interface FactSource {
  /** Id of the target that knows the fact. */
  readonly source: string;
  /** The target's operation that reads it. */
  readonly query: string;
  readonly args: Readonly<Record<string, Pointer>>;
  /** What happens when the source says that there is no such thing. */
  readonly missing: 'deny' | 'null';
}

/** One step of an action: an operation on a target, and how to undo it. */
export interface Step {
  readonly id: string;
  readonly target: string;
  readonly do: string;
  /** The operation that takes the effect back. Absent only where the action type is `irreversible` or `read`. */
  readonly undo?: string;
  /** The operation that answers, by idempotency key, whether the step happened. */
  readonly status: string;
  /** What the effect must show to be the one approved: pointer into the step's result → pointer into the action. */
  readonly verify?: Readonly<Record<Pointer, Pointer>>;
}

/** How a value is shown to an approver. */
export type CardField =
  | { readonly text: Pointer; readonly flagChanged?: boolean }
  | { readonly money: readonly [amountMinor: Pointer, currency: Pointer] };

export interface ActionType {
  readonly id: string;
  readonly version: number;
  readonly owner: string;
  readonly risk: RiskClass;
  readonly effect: EffectClass;
  readonly lane: Lane;
  /** JSON Schema 2020-12 of the parameters. */
  readonly params: JsonObject;
  readonly facts: Readonly<Record<string, FactSource>>;
  /** Pointers read again just before the effect; a changed value sends the action back to approval. */
  readonly envelope: readonly Pointer[];
  /** What the action spends: its amount counts against the limit found in `data.budgets`. */
  readonly budget?: {
    readonly per: readonly ('team' | 'agent' | 'currency')[];
    readonly amount: Pointer;
    readonly currency?: Pointer;
  };
  /** Lane `cooperative` alone: the members of the policy's data that agents get with their bundle, for this type's rules to read. */
  readonly data?: readonly Pointer[];
  /** Empty in the lane `cooperative`, where the agent acts itself. */
  readonly steps: readonly Step[];
  /** Longest life of a grant made for one step of this action. */
  readonly grantTtlMs: number;
  readonly card: { readonly headline: string; readonly fields: Readonly<Record<string, CardField>> };
}

/** A value that a document gives itself. */
export interface Constant {
  readonly const: string | number | boolean | null;
}

/** One HTTP operation of a target. Every value in `args`, `query` and `body` is a pointer into the action, or a literal `{ const: … }`. */
export interface HttpOperation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path with `{name}` placeholders filled, percent-encoded, from `args`. */
  readonly path: string;
  readonly args: Readonly<Record<string, Pointer>>;
  readonly query: Readonly<Record<string, Pointer>>;
  readonly body?: Readonly<Record<string, Pointer | Constant>>;
}

/** What every target has, whatever its kind. */
interface TargetBase {
  readonly id: string;
  /** Base address, without credentials. `COUNTERSIGN_TARGET_<ID>` (upper case, `-` as `_`) overrides it per deployment. */
  readonly address: string;
  readonly limits: { readonly timeoutMs: number; readonly responseBytes: number };
}

export interface HttpTarget extends TargetBase {
  readonly provider: 'http';
  readonly token: {
    /** The `aud` claim of the one-action token. */
    readonly audience: string;
    /** The operation that makes the target forget a token before it expires; without one a token ends by expiry alone. */
    readonly revoke?: string;
  };
  readonly operations: Readonly<Record<string, HttpOperation>>;
}

/** What an agent may do itself for a while: log in with the privileges of a profile. Of the lane `granted` alone. */
export interface PostgresAccess {
  /** A NOLOGIN role that belongs to the target; the login role of one grant is a member of it. */
  readonly profile: string;
}

/** One SQL statement of a target, and the role of the target whose privileges it runs with. */
export interface PostgresStatement extends PostgresAccess {
  /** One statement that returns one row. `$1`, `$2` … stand for `params`, and values reach the server in no other way. */
  readonly sql: string;
  readonly params: readonly (Pointer | Constant)[];
}

export type PostgresOperation = PostgresStatement | (PostgresAccess & { readonly sql?: never });

export interface PostgresTarget extends TargetBase {
  readonly provider: 'postgres';
  /** Who makes and ends the login role of each call. `secret` names its password in the worker's configuration; no document holds one. */
  readonly minter: { readonly role: string; readonly secret: string };
  readonly operations: Readonly<Record<string, PostgresOperation>>;
}

/** A system that actions touch. Registered here; an agent can never name an address. */
export type Target = HttpTarget | PostgresTarget;

export interface ApprovalStage {
  /** Groups whose members may vote in this stage: `group:<name>`. */
  readonly from: readonly string[];
  /** How many distinct people must approve. */
  readonly need: number;
  /** When to remind those who have not voted, counted from the opening of the request. */
  readonly remindAfterMs: readonly number[];
  /** Who may vote too once nobody has answered for so long. */
  readonly escalate?: { readonly afterMs: number; readonly to: readonly string[] };
  readonly reason: 'optional' | 'required';
}

export interface ApprovalChain {
  readonly id: string;
  /** Time to decide. */
  readonly decideWithinMs: number;
  /** From the last vote to the effect. */
  readonly validForMs: number;
  readonly stages: readonly ApprovalStage[];
}

/** Everything that a bundle knows beside its Rego: looked up by id. */
export interface Catalogue {
  readonly actionTypes: Readonly<Record<string, ActionType>>;
  readonly targets: Readonly<Record<string, Target>>;
  readonly chains: Readonly<Record<string, ApprovalChain>>;
  /** The policy's data documents, as Rego sees them under `data`. `data.budgets` holds the spending limits. */
  readonly data: JsonObject;
}
