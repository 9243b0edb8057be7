import { type z } from 'zod';
import { type Catalogue } from '../../domain/documents';
import { isObject, type JsonObject } from '../../domain/json';
import { type SourceDocument } from '../files/read-directory';
import { type Problem } from '../problem';
import { actionTypeShape, type ActionTypeSource } from './action-type-shape';
import { chainShape, type ChainSource } from './chain-shape';
import { checkCatalogue } from './check-catalogue';
import { normaliseActionType } from './normalise-action-type';
import { normaliseChain } from './normalise-chain';
import { normaliseTarget } from './normalise-target';
import { shapeProblems } from './shape-problems';
import { type Sourced } from './sources';
import { targetShape, type TargetSource } from './target-shape';

/** Judges the documents one by one and against each other. The catalogue is whole only if there are no problems. */
export function readCatalogue(
  documents: readonly SourceDocument[],
  data: JsonObject,
): { readonly catalogue: Catalogue; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const sources = {
    actionTypes: new Map<string, Sourced<ActionTypeSource>>(),
    targets: new Map<string, Sourced<TargetSource>>(),
    chains: new Map<string, Sourced<ChainSource>>(),
  };
  for (const { file, value } of documents) {
    switch (kindOf(value)) {
      case 'ActionType':
        problems.push(...keep(sources.actionTypes, file, actionTypeShape.safeParse(value)));
        break;
      case 'Target':
        problems.push(...keep(sources.targets, file, targetShape.safeParse(value)));
        break;
      case 'ApprovalChain':
        problems.push(...keep(sources.chains, file, chainShape.safeParse(value)));
        break;
      default:
        problems.push({
          file,
          path: '/kind',
          message: 'is no kind of document that we know.',
          remedy: 'Write ActionType, Target or ApprovalChain; data for Rego belongs below data/.',
        });
    }
  }
  problems.push(...checkCatalogue(sources, data, problems.length > 0));
  const catalogue: Catalogue = {
    actionTypes: collect(sources.actionTypes, (source) => normaliseActionType(source, sources.targets)),
    targets: collect(sources.targets, normaliseTarget),
    chains: collect(sources.chains, normaliseChain),
    data,
  };
  return { catalogue, problems };
}

function kindOf(value: unknown): unknown {
  return isObject(value) ? value['kind'] : undefined;
}

function keep<T extends { readonly id: string }>(
  known: Map<string, Sourced<T>>,
  file: string,
  result: z.ZodSafeParseResult<T>,
): Problem[] {
  if (!result.success) return shapeProblems(file, result.error);
  const { id } = result.data;
  const other = known.get(id);
  if (other !== undefined)
    return [
      { file, path: '/id', message: `"${id}" is the id of ${other.file} too.`, remedy: 'Give one of them another id.' },
    ];
  known.set(id, { file, source: result.data });
  return [];
}

/** Sorted by id, so that the same directory always gives the same bundle. */
function collect<S, T>(sources: ReadonlyMap<string, Sourced<S>>, normalise: (source: S) => T): Record<string, T> {
  return Object.fromEntries(
    [...sources].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { source }]) => [id, normalise(source)]),
  );
}
