import { z } from 'zod';
import { isObject, type JsonObject, ownMember } from '../../domain/json';
import { type Problem } from '../problem';
import { shapeProblems } from './shape-problems';

/** Below, owners would be asked again before they have answered, or be warned of every holiday; above ten years nobody is asked at all. */
const LEAST = { inactive: 7, review: 28 };
const MOST = 3_650;
const days = (least: number): z.ZodType => z.int().min(least).max(MOST).optional();
const tier = days(LEAST.review);

const shape = z.looseObject({
  inactive_days: days(LEAST.inactive),
  review_days: z.strictObject({ low: tier, medium: tier, high: tier, critical: tier }).optional(),
});

/** Judges the periods in `data.agents`: after how many days without a request an agent is reclaimed, and its rights have to be confirmed again. */
export function checkReviewPeriods(data: JsonObject): Problem[] {
  const agents = ownMember(data, 'agents');
  if (!isObject(agents)) return [];
  const result = shape.safeParse(agents);
  return result.success ? [] : shapeProblems('data/agents.yaml', result.error);
}
