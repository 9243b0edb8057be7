import { type Failure } from './failure';

/** Why an agent gets no key or no token. */
export const CREDENTIAL_REFUSALS = {
  enrolment_closed: {
    sentence: 'This secret was used, is too old, or is for another generation of the agent.',
    retryable: false,
    status: 409,
    operator:
      'Issue another ("countersign agents credential issue"). If the agent did not use it, somebody else did: end that key.',
  },
  key_taken: {
    sentence: 'This key is registered already.',
    retryable: false,
    status: 409,
    operator: 'Let the agent make a key of its own. One key is one agent, in one deployment.',
  },
  key_replaced: {
    sentence: 'Another key has taken the place of this one.',
    retryable: false,
    status: 409,
    operator: 'Two processes share one credential, or somebody stole it: end the keys of the agent if you cannot tell.',
  },
  config_drift: {
    sentence: 'The agent does not run the version that is registered.',
    retryable: false,
    status: 403,
    operator:
      'Roll out the registered version, or register what runs. An agent that runs what nobody registered is quarantined.',
  },
} as const satisfies Readonly<Record<string, Failure>>;
