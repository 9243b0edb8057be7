import { DeterminismViolationError } from '@temporalio/workflow';
import { AGENT_STATES } from '../../domain/agent-life';
import { REFUSED } from '../../domain/refused';
import { type CodecKeys, readCodecKeys } from '../../temporal/codec-keys';
import { createPayloadCodec } from '../../temporal/payload-codec';
import { revealHistory } from '../helpers/histories';
import { type RecordedHistory, recordedHistories, RECORDING_KEYS } from '../helpers/recorded-histories';
import { replayHistories } from '../helpers/replay';

const recorded = [...recordedHistories()];
let codecKeys: CodecKeys;
beforeAll(async () => (codecKeys = await readCodecKeys(RECORDING_KEYS)));

const namesOf = (workflow: string): string[] =>
  recorded.map(([path]) => path.split('/')).flatMap(([of, , name = '']) => (of === workflow ? [name] : []));
const named = (name: string): RecordedHistory => {
  const found = recordedHistories().get(`governed-action/v1/${name}`);
  if (found === undefined) throw new Error(`nothing was recorded as ${name}`);
  return found;
};

/** The history with one word of its JSON replaced by another, everywhere. */
function altered({ history, ...rest }: RecordedHistory, from: string, to: string): RecordedHistory {
  const text = JSON.stringify(history);
  expect(text).toContain(from);
  return { ...rest, history: JSON.parse(text.replaceAll(from, to)) as object };
}

describe('histories of every version', () => {
  it('hold every ending of a brokered action', () => {
    expect(namesOf('governed-action')).toEqual(
      expect.arrayContaining([
        ...['allowed', 'approved', 'cancelled', 'denied', 'expired', 'nothing-decided'],
        ...['reconciled', 'reconsidered', 'rejected', 'undone', 'undo-refused', 'undo-given-up'],
      ]),
    );
  });

  it('hold every state of an agent, each to its end, and a receipt that was refused', () => {
    // Where it ends is in all of them.
    const states = AGENT_STATES.filter((state) => state !== 'offboarded');
    expect(namesOf('agent-lifecycle')).toEqual(expect.arrayContaining([...states, 'nobody', 'receipt_refused']));
  });

  it.each(['workflow-bundle.js', 'workflow-bundle-traced.js'] as const)(
    'I12 replay on the workflow code of today (%s)',
    async (bundle) => {
      for (const namespace of new Set(recorded.map(([, history]) => history.namespace))) {
        const histories = recorded.map(([, history]) => history).filter((history) => history.namespace === namespace);
        const results = await replayHistories({ namespace, codecKeys }, histories, bundle);
        expect(results.map(({ workflowId, error }) => [workflowId, error?.message])).toEqual(
          histories.map(({ workflowId }) => [workflowId, undefined]),
        );
      }
    },
  );

  it.each(recorded)('I11 %s holds no parameter, no reason, no token, even decrypted', (_, each) => {
    const { namespace, workflowId, history, secrets } = each;
    const text = revealHistory(history, createPayloadCodec({ keys: codecKeys, namespace }));
    expect(text).toContain(workflowId.split('/')[2]); // it was decrypted
    expect(text).not.toContain(REFUSED);
    const everything = JSON.stringify(history) + text;
    expect(secrets.length).toBeGreaterThan(0);
    expect(secrets.filter((secret) => everything.includes(secret))).toEqual([]);
    expect(everything).not.toMatch(/eyJ[\w-]{10,}\.|countersign_(agent|person)_|-----BEGIN/);
  });
});

describe('a history that today’s code could not have written', () => {
  const replayed = async (history: RecordedHistory): Promise<unknown> =>
    (await replayHistories({ namespace: history.namespace, codecKeys }, [history]))[0]?.error;

  it('is found out: another activity', async () => {
    const other = altered(named('allowed'), '"performStep"', '"anotherStep"');
    expect(await replayed(other)).toBeInstanceOf(DeterminismViolationError);
  });

  it('is found out: payloads of another namespace, which are refused', async () => {
    expect(await replayed({ ...named('approved'), namespace: 'elsewhere' })).toBeInstanceOf(DeterminismViolationError);
  });
});
