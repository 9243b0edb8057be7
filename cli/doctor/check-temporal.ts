import { connectClient, type TemporalClient } from '../../temporal/connect';
import { countPollers } from '../../temporal/count-pollers';
import { missingAttributes } from '../../temporal/missing-attributes';
import { type Check, type Finding, off, ok, problem } from './finding';
import { type Places } from './places';

const REACH =
  'See that the server runs and can be reached from here (TEMPORAL_ADDRESS, TEMPORAL_TLS_*), and has the namespace.';

export function temporalChecks({ temporal }: Places): Check[] {
  if (temporal === undefined)
    return [
      { name: 'Temporal', remedy: REACH, look: () => [off('TEMPORAL_ADDRESS is not set, and no stack runs here')] },
    ];
  const { namespace, connection = {} } = temporal;
  // It reads no payload, so it needs no key. Nobody closes it: a call that is tried again would throw, and the process ends with the last look.
  const client = connectClient({ namespace, connection, dataConverter: {} });
  return [
    { name: 'Temporal', remedy: REACH, look: () => attributes(client, namespace) },
    { name: 'workers', remedy: REACH, look: () => pollers(client) },
  ];
}

async function attributes(client: TemporalClient, namespace: string): Promise<readonly Finding[]> {
  const missing = await missingAttributes(client);
  if (missing.length === 0) return [ok(`the namespace ${namespace} has all search attributes`)];
  return [
    problem(
      `the namespace ${namespace} lacks search attributes, or has them with another type: ${missing.join(', ')}`,
      'Add them: temporal operator search-attribute create; WaitingOn is a KeywordList, all others are Keywords.',
    ),
  ];
}

async function pollers(client: TemporalClient): Promise<readonly Finding[]> {
  const counts = Object.entries(await countPollers(client));
  const without = counts.filter(([, count]) => count === 0).map(([queue]) => queue);
  if (without.length === 0) return [ok(counts.map(([queue, count]) => `${queue} ${String(count)}`).join(', '))];
  return [
    problem(
      `nobody asks for tasks of ${without.join(', ')}`,
      'Start a worker: the role workflows serves actions, the role effects the others. docs/runbooks/worker-does-not-poll.md',
    ),
  ];
}
