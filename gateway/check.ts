import { type z } from '@hono/zod-openapi';
import { writePointer } from '../domain/write-pointer';
import { RequestRefused } from './request-refused';

/** The value if it fits the schema; otherwise a refusal that names every fault, with paths below `root`. */
export function check<T>(schema: z.ZodType<T>, value: unknown, root = ''): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => ({ path: root + writePointer(path), message }));
  throw new RequestRefused('invalid_parameters', { problems });
}
