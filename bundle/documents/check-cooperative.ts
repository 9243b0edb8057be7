import { type JsonObject } from '../../domain/json';
import { memberOf } from '../../pdp/client-content';
import { type Problem } from '../problem';
import { type ActionTypeSource } from './action-type-shape';

const PREVENTS_NOTHING = '"cooperative" prevents nothing: the agent decides and acts in its own process';

/** Judges what only one of the lanes may say: a cooperative action is of low risk and needs nothing of ours; every other one is carried out. */
export function checkCooperative(file: string, source: ActionTypeSource, data: JsonObject): Problem[] {
  const found =
    source.lane === 'cooperative' ? [...whatItMayNotHave(source), ...missingData(source, data)] : whatItLacks(source);
  return found.map(([path, message, remedy]) => ({ file, path, message, remedy }));
}

type Found = readonly [path: string, message: string, remedy: string];

function whatItMayNotHave(source: ActionTypeSource): Found[] {
  const { risk, steps, facts, envelope, budget, grantTtl } = source;
  const remove = (path: string, why: string): Found => [
    path,
    `${PREVENTS_NOTHING}, ${why}.`,
    'Use brokered, or remove it.',
  ];
  return [
    ...(risk === 'low' ? [] : [['/lane', `${PREVENTS_NOTHING}, so its risk is low.`, 'Use brokered.'] as const]),
    ...(steps.length === 0 ? [] : [remove('/steps', 'and no provider acts for it')]),
    ...(Object.keys(facts).length === 0 ? [] : [remove('/facts', 'and we fetch no facts for it')]),
    ...(envelope.length === 0 ? [] : [remove('/envelope', 'and nothing is read again before it acts')]),
    ...(budget === undefined ? [] : [remove('/budget', 'so nothing can be held before it spends')]),
    ...(grantTtl === undefined ? [] : [remove('/grantTtl', 'under no grant of ours')]),
  ];
}

function missingData({ data: pointers = [] }: ActionTypeSource, data: JsonObject): Found[] {
  return pointers.flatMap((pointer, index) =>
    memberOf(data, pointer) === undefined
      ? [
          [
            `/data/${String(index)}`,
            `names nothing below data/ (${pointer}).`,
            'Point to a member of the data: /limits/… is in data/limits.yaml.',
          ] as const,
        ]
      : [],
  );
}

function whatItLacks({ lane, steps, grantTtl, data }: ActionTypeSource): Found[] {
  return [
    ...(steps.length > 0
      ? []
      : [['/steps', 'has no step, so nothing would be done.', 'Name at least one operation of a target.'] as const]),
    ...(grantTtl !== undefined
      ? []
      : [['/grantTtl', 'is missing: a grant needs an end.', 'Write 30s, or what one step needs.'] as const]),
    ...(data === undefined
      ? []
      : [['/data', `is for the lane cooperative; in ${lane} rules read all data.`, 'Remove it.'] as const]),
  ];
}
