import { type Failure } from './failure';

/** Why an agent is not registered or moved as somebody asked, or is not heard. */
export const AGENT_REFUSALS = {
  agent_throttled: {
    sentence: 'This agent is throttled; wait as long as Retry-After says.',
    retryable: true,
    status: 429,
    operator: 'Somebody throttled the agent. Resume it when the cause is gone.',
  },
  agent_busy: {
    sentence: 'Too many requests of this agent wait for their turn; nothing was recorded.',
    retryable: true,
    status: 429,
    operator: 'Nothing, if it ends: the client comes again by itself. Else its owner throttles or stops the agent.',
  },
  agent_exists: {
    sentence: 'There is such an agent already.',
    retryable: false,
    status: 409,
    operator: 'Choose another id, or offboard the agent first; registered again it is a new generation.',
  },
  parent_not_active: {
    sentence: 'The parent is no agent that acts in that environment without restriction.',
    retryable: false,
    status: 409,
    operator: 'Look up the state of the parent, and of those that it comes from ("countersign agents show").',
  },
  line_too_long: {
    sentence: 'There are four agents above each other already.',
    retryable: false,
    status: 409,
    operator: 'Register it for a parent further up: of a longer line nobody says for whom the last one acts.',
  },
  agent_state_forbids: {
    sentence: 'The state of the agent does not allow that.',
    retryable: false,
    status: 409,
    operator: 'Look up its state ("countersign agents show"); docs/agents-lives.md says which state follows which.',
  },
  owner_not_active: {
    sentence: 'Who is to own the agent is no active person here, or is whoever leaves.',
    retryable: false,
    status: 409,
    operator: 'Name somebody who answers for it from now on, and is not whoever leaves, under another account either.',
  },
} as const satisfies Readonly<Record<string, Failure>>;
