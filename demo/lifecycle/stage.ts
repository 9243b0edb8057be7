import { type Client } from 'pg';
import { type GatewayApprover } from '../gateway-approver';
import { type Narrator } from '../narrator';
import { type DemoServices } from '../services/start-demo-services';
import { type Ended, type FleetAgent } from './fleet';
import { type Operator } from './operator';

/** Everybody who plays in the story, and what is kept of it. */
export interface Stage {
  readonly home: string;
  readonly fleet: readonly FleetAgent[];
  /** Alice owns the agents and operates; Bob operates and approves; Carol approves. */
  readonly alice: Operator;
  readonly bob: Operator;
  readonly carol: Operator;
  readonly approver: GatewayApprover;
  readonly services: DemoServices;
  /** Sees every tenant and changes nothing. */
  readonly auditor: Pick<Client, 'query'>;
  /** kill -9; the worker is started again at once. */
  readonly killWorker: () => void;
  readonly tell: Narrator;
  /** What came of every request so far. */
  readonly ended: Ended[];
}
