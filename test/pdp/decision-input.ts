import { type DecisionInput } from '../../domain/decision';
import { type Json, type JsonObject } from '../../domain/json';

interface Wanted {
  readonly type: string;
  readonly params?: JsonObject;
  readonly roles?: readonly string[];
  readonly team?: string;
  readonly facts?: Readonly<Record<string, Json>>;
}

export function decisionInput({ type, params = {}, roles = [], team = 'platform', facts = {} }: Wanted): DecisionInput {
  return {
    tenant: 'demo',
    environment: 'test',
    time: '2026-01-05T10:00:00.000Z',
    agent: { id: 'some-agent', generation: 1, version: '1', owner: 'alice', team, roles, state: 'active' },
    action: { type, version: 1, risk: 'high', effect: 'reversible', lane: 'brokered', params },
    facts,
    claimed: {},
  };
}
