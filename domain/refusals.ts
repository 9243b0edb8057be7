import { AGENT_REFUSALS } from './agent-refusals';
import { CREDENTIAL_REFUSALS } from './credential-refusals';
import { type Failure } from './failure';

/** Why a request over HTTP was not taken: nothing was started, decided or counted because of it. */
export const REFUSALS = {
  unauthenticated: {
    sentence: 'The request carries no key or token that is valid here.',
    retryable: false,
    status: 401,
    operator: 'Check which key the caller sends. Keys are stored hashed: one that is lost is replaced, not found.',
  },
  forbidden: {
    sentence: 'Who sent this request may not do that.',
    retryable: false,
    status: 403,
    operator:
      'Compare the role of the caller with the verb. A request from a web page of another origin ends here too, and one whose Host is not the address that was set: a proxy has to hand it on.',
  },
  not_found: {
    sentence: 'There is no such thing here.',
    retryable: false,
    status: 404,
    operator: 'Nothing, if the id is foreign: what belongs to another tenant answers exactly like what does not exist.',
  },
  method_not_allowed: {
    sentence: 'This address does not know that method.',
    retryable: false,
    status: 405,
    operator: 'Compare the call with the OpenAPI document that the gateway serves.',
  },
  unsupported_media_type: {
    sentence: 'The body must be application/json.',
    retryable: false,
    status: 415,
    operator: 'Set the header Content-Type of the caller.',
  },
  body_cut_off: {
    sentence: 'The body ended before all of it had come.',
    retryable: false,
    status: 400,
    operator:
      'Nothing: the caller went away, or was slower than fifteen seconds. Much of it is a bad line, or somebody who tries.',
  },
  body_too_large: {
    sentence: 'The body is larger than this address takes.',
    retryable: false,
    status: 413,
    operator: 'Send references instead of content; the limit bounds what canonicalising may cost.',
  },
  invalid_json: {
    sentence: 'The body is not JSON as we take it: well formed, no member twice, no unsafe number, not too deep.',
    retryable: false,
    status: 400,
    operator: 'Look at what the caller serialises; amounts are integers in minor units.',
  },
  invalid_parameters: {
    sentence: 'The parameters do not fit the schema.',
    retryable: false,
    status: 400,
    operator: 'Each fault is named with its path in the member "problems".',
  },
  unknown_action_type: {
    sentence: 'There is no action type of that name.',
    retryable: false,
    status: 404,
    operator: 'Compare the spelling with GET /v1/catalogue, and the catalogue with the policy directory in force.',
  },
  lane_not_taken: {
    sentence: "Actions of this type are the agent's own to carry out: guard decides on them in its process.",
    retryable: false,
    status: 409,
    operator: 'Let the agent call guard instead of act, or give the action type a lane that carries it out.',
  },
  idempotency_key_missing: {
    sentence: 'A request to act needs the header Idempotency-Key.',
    retryable: false,
    status: 400,
    operator: 'Derive the key from the task, so that a retry of the task sends the same one.',
  },
  idempotency_key_reused: {
    sentence: 'This idempotency key was used for another request.',
    retryable: false,
    status: 409,
    operator: 'Find why two intents share a key; the first one stands.',
  },
  agent_not_active: {
    sentence: 'This agent may not act now.',
    retryable: false,
    status: 403,
    operator: 'Look up the state of the agent: paused, quarantined, or never onboarded.',
  },
  ...CREDENTIAL_REFUSALS,
  ...AGENT_REFUSALS,
  version_taken: {
    sentence: 'This version is registered with another content.',
    retryable: false,
    status: 409,
    operator: 'A version never changes: register what changed under another name.',
  },
  proposal_closed: {
    sentence: 'This proposal is decided, lapsed, or about something that has changed since.',
    retryable: false,
    status: 409,
    operator: 'Nothing, or propose it again ("countersign proposals list" shows what is open).',
  },
  proposed_already: {
    sentence: 'Somebody has proposed that already.',
    retryable: false,
    status: 409,
    operator: 'Have another person confirm what is open ("countersign proposals list").',
  },
  review_not_open: {
    sentence: 'There is nothing to review of this agent now.',
    retryable: false,
    status: 409,
    operator: 'Nothing: it is confirmed, or leaves ("countersign agents reviews" shows what is open).',
  },
  too_many_pending: {
    sentence: 'Too many actions of this agent have not ended yet.',
    retryable: true,
    status: 429,
    operator:
      'Decide or cancel what waits for people, or let what runs end. The cap keeps one request from being hidden in a flood of others.',
  },
  not_ready: {
    sentence: 'The gateway is not ready to take requests.',
    retryable: true,
    status: 503,
    operator: 'Read GET /readyz: it names what is missing.',
  },
  temporal_unavailable: {
    sentence: 'The action is recorded and will start as soon as the workflow service answers.',
    retryable: true,
    status: 503,
    operator: 'Bring Temporal back. Nothing has to be sent again: the outbox starts what was accepted.',
  },
  database_unavailable: {
    sentence: 'The database does not answer; nothing was recorded.',
    retryable: true,
    status: 503,
    operator: 'Bring Postgres back. Until then no effect starts anywhere.',
  },
  approval_closed: {
    sentence: 'This request for approval is closed.',
    retryable: false,
    status: 409,
    operator: 'Nothing; "countersign actions show" says how it ended.',
  },
  approval_expired: {
    sentence: 'The time to decide is over.',
    retryable: false,
    status: 409,
    operator: 'Let the agent ask again. If it happens often, lengthen decideWithin or add approvers.',
  },
  not_entitled: {
    sentence: 'You are not among the people who may decide this.',
    retryable: false,
    status: 403,
    operator:
      'Compare the groups of the person with the stage that is open. Who joins a group later is not added to open requests.',
  },
  self_approval: {
    sentence: 'Nobody decides on what they own, created or asked for.',
    retryable: false,
    status: 403,
    operator: 'Nothing to mend: another person must decide, of the group that was asked or of those who operate there.',
  },
  already_voted: {
    sentence: 'You have decided on this already; the first vote stands.',
    retryable: false,
    status: 409,
    operator: 'Nothing. One person counts once, in every stage and over every channel.',
  },
  digest_mismatch: {
    sentence: 'What you saw is not what would run.',
    retryable: false,
    status: 409,
    operator:
      'Show the action again and decide on what it says now. If nobody changed it, find out who altered the card.',
  },
  reason_required: {
    sentence: 'This decision needs a reason.',
    retryable: false,
    status: 400,
    operator: 'Give one with --reason.',
  },
  own_change: {
    sentence: 'Nobody gives an account of their own a role or a group, nor takes a link away that names it as theirs.',
    retryable: false,
    status: 403,
    operator: 'Ask another admin. Before another address, say with people same which accounts are one human.',
  },
  second_person_needed: {
    sentence: 'This concerns an admin, and takes two people who cannot act for each other.',
    retryable: false,
    status: 403,
    operator:
      'A new admin: propose the person ("countersign people admin"), and have another admin confirm it; where there is none, an owner or an operator who is neither of the two. Whoever has a login that the other issued issues one for themselves and ends that one first. An admin who is one already changes these things themselves; see docs/people.md.',
  },
  person_exists: {
    sentence: 'There is such a person already.',
    retryable: false,
    status: 409,
    operator: 'Choose another id. One that was used by somebody who left is not given away again.',
  },
  identity_taken: {
    sentence: 'This Slack account or address belongs to somebody already.',
    retryable: false,
    status: 409,
    operator: 'Find out whose it is ("countersign people list") and unlink it there first.',
  },
  last_admin: {
    sentence: 'Somebody has to remain who may change people.',
    retryable: false,
    status: 409,
    operator: 'Appoint another admin first.',
  },
  init_closed: {
    sentence: 'There is an admin already.',
    retryable: false,
    status: 409,
    operator: 'Ask that admin to propose another. If nobody has that login any more, see docs/people.md.',
  },
  init_link_spent: {
    sentence: 'This link was used, or its time is over.',
    retryable: false,
    status: 410,
    operator: 'Make another with "countersign init --admin <mail>"; it is good for 15 minutes and for one use.',
  },
  action_closed: {
    sentence: 'This action has ended already.',
    retryable: false,
    status: 409,
    operator: 'Nothing; its outcome stands.',
  },
  grant_over: {
    sentence: 'This access has ended already.',
    retryable: false,
    status: 409,
    operator: 'Nothing: it was given back, its time is over, or it was stopped. The outcome of the action says which.',
  },
  claim_superseded: {
    sentence: 'This access was claimed with another key since.',
    retryable: false,
    status: 409,
    operator: 'Two processes of the agent claim the same access. If only one should, find out who the other one is.',
  },
  claims_exhausted: {
    sentence: 'This access was claimed with too many keys.',
    retryable: false,
    status: 409,
    operator: 'An agent that loses its key again and again should not hold access; mend it, and let it ask anew.',
  },
  grant_not_ready: {
    sentence: 'The credential is being made; claim it again with the same key.',
    retryable: true,
    status: 503,
    operator: 'Check that a worker runs, and that it reaches Temporal and the target.',
  },
  task_resolved: {
    sentence: 'This task was resolved otherwise before.',
    retryable: false,
    status: 409,
    operator: 'Read the first resolution; it stands. If it is wrong, mend the target by hand and write down how.',
  },
  internal: {
    sentence: 'Something failed that should not have.',
    retryable: true,
    status: 500,
    operator: 'Search the log for the id in the answer: the cause is written there, never in the answer.',
  },
} as const satisfies Readonly<Record<string, Failure>>;
