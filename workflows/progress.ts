import { defineSearchAttributeKey, type SearchAttributeUpdatePair, SearchAttributeType } from '@temporalio/common';
import {
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { type ActionState } from '../domain/action';
import { type ActionStatus, type FirstAnswer } from './contract/messages';
import { SEARCH_ATTRIBUTES, STATUS_QUERY, SUBMIT_UPDATE, WAKE_SIGNAL } from './contract/names';

const submitUpdate = defineUpdate<FirstAnswer>(SUBMIT_UPDATE);
const wakeSignal = defineSignal(WAKE_SIGNAL);
const statusQuery = defineQuery<ActionStatus>(STATUS_QUERY);

const ACTION_STATE = defineSearchAttributeKey(SEARCH_ATTRIBUTES.actionState, SearchAttributeType.KEYWORD);
const BUNDLE_DIGEST = defineSearchAttributeKey(SEARCH_ATTRIBUTES.bundleDigest, SearchAttributeType.KEYWORD);
const WAITING_ON = defineSearchAttributeKey(SEARCH_ATTRIBUTES.waitingOn, SearchAttributeType.KEYWORD_LIST);

/** What the story keeps in mind, and what it shows of itself. */
export interface Progress {
  /** Steps that may stand at their targets, in the order in which they were begun. */
  readonly begun: Set<string>;
  /** Steps that are known to be done. */
  readonly done: Set<string>;
  /** Whether a credential may be alive that its own step could not end. */
  liveGrants: boolean;
  /** How often something was written in Postgres for this action. Remember it before reading, or a write in between is missed. */
  wakes(): number;
  decidedUnder(bundleDigest: string): void;
  /** Says in the Temporal UI where the action is, and on whom it waits. */
  enter(state: ActionState, details: string, waitingOn?: readonly string[]): void;
  /** Answers whoever submitted the action; only the first answer counts. */
  answer(state: ActionState): FirstAnswer;
}

/** Handlers come before the first await: a message may be there already. */
export function setup(): Progress {
  let wakes = 0;
  let answer: FirstAnswer | undefined;
  let status: ActionStatus = { state: 'received', waitingOn: [] };
  let bundle: SearchAttributeUpdatePair[] = [];
  let told = false;

  setHandler(wakeSignal, () => void wakes++);
  setHandler(statusQuery, () => status);
  setHandler(submitUpdate, async () => {
    await condition(() => answer !== undefined);
    return answer ?? { state: status.state };
  });

  return {
    begun: new Set(),
    done: new Set(),
    liveGrants: false,
    wakes: () => wakes,
    decidedUnder: (bundleDigest) => {
      bundle = [{ key: BUNDLE_DIGEST, value: bundleDigest }];
    },
    enter: (state, details, waitingOn = []) => {
      const known = bundle.length === 0 && state === status.state && waitingOn.join() === status.waitingOn.join();
      // What nobody was asked about has ended in a moment, or comes to a state that is told: an event for it would cost a tenth of the whole action.
      const passing = !told && state === 'executing' && waitingOn.length === 0;
      status = { state, waitingOn };
      setCurrentDetails(waitingOn.length === 0 ? details : `${details}\n\nWaiting on: ${waitingOn.join(', ')}`);
      if (known || passing) return; // each time is an event in the history
      told = true;
      upsertSearchAttributes([
        ...bundle,
        { key: ACTION_STATE, value: state },
        { key: WAITING_ON, value: [...waitingOn] },
      ]);
      bundle = [];
    },
    answer: (state) => (answer ??= { state }),
  };
}
