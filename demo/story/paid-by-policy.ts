import { type Handled } from '../handled';
import { settleEach } from './settle-each';
import { type Stage } from './stage';

/** Small invoices of known vendors: policy allows them, nobody is asked. Those that name an account are posted in the general ledger too. */
export async function paidByPolicy(stage: Stage): Promise<readonly Handled[]> {
  stage.tell.chapter('Small invoices of known vendors are paid by policy alone');
  const files = [
    ...['01-small.xml', '02-small-dollars.json', '19-stationery.json', '20-catering.xml', '21-hosting.json'],
    ...['22-posted-freight.xml', '23-posted-software.json', '24-posted-seals.xml'],
  ];
  return settleEach(stage, files, 'executed');
}
