import { type Approver } from '../approver';
import { type InvoiceAgent } from '../invoice-agent';
import { type Narrator } from '../narrator';
import { type DemoServices } from '../services/start-demo-services';

/** Everybody who plays in the story. */
export interface Stage {
  readonly agent: InvoiceAgent;
  readonly bob: Approver;
  readonly services: DemoServices;
  /** kill -9; the worker is started again at once by whoever watches over it. */
  readonly killWorker: () => void;
  readonly tell: Narrator;
}
