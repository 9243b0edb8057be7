import { type Approver } from '../approver';
import { type Audience } from '../audience';
import { type Books } from '../books/open-books';
import { type GatewayApprover } from '../gateway-approver';
import { type InvoiceAgent } from '../invoice-agent';
import { type Narrator } from '../narrator';
import { type DemoServices } from '../services/start-demo-services';

/** Everybody who plays in the story. */
export interface Stage {
  readonly agent: InvoiceAgent;
  readonly people: Readonly<Record<'bob' | 'carol', Approver>>;
  /** Bob once more, without the channel that he prefers. */
  readonly bobAtTheGateway: GatewayApprover;
  readonly services: DemoServices;
  readonly books: Books;
  /** kill -9; the worker is started again at once by whoever watches over it. */
  readonly killWorker: () => void;
  readonly tell: Narrator;
  readonly audience: Audience;
}
