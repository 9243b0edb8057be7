import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { FAILURES, type FailureCode, problem } from '../domain/failures';
import { type Route } from './route';

type PathConfig = Parameters<OpenAPIHono['openAPIRegistry']['registerPath']>[0];

export const openApiInfo = {
  openapi: '3.1.0',
  info: {
    title: 'Countersign',
    version: '1',
    description:
      'Agents ask to act, people countersign. Every error is a problem (RFC 9457) with a stable code. ' +
      'What belongs to another tenant answers exactly like what does not exist.',
  },
} as const;

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** A route as the OpenAPI document has it, with an example of every answer and of every problem. */
export function describeRoute(route: Route): PathConfig {
  return {
    method: route.method,
    path: route.path,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description !== undefined && { description: route.description }),
    ...(route.who !== 'public' && { security: [{ bearer: [] }] }),
    request: {
      ...(route.path.includes('{id}') && { params: z.object({ id: z.string() }) }),
      ...(route.headers !== undefined && { headers: route.headers }),
      ...(route.query !== undefined && { query: route.query }),
      ...(route.body !== undefined && {
        body: {
          required: true,
          content: { 'application/json': { schema: route.body.schema, example: route.body.example } },
        },
      }),
    },
    responses: { ...answersOf(route), ...problemsOf(route) },
  };
}

function answersOf({ answers }: Route): PathConfig['responses'] {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, example }]) => [
      status,
      { description, content: { 'application/json': { schema, example } } },
    ]),
  );
}

function problemsOf(route: Route): PathConfig['responses'] {
  const responses: PathConfig['responses'] = {};
  for (const [status, codes] of byStatus(refusalsOf(route))) {
    const examples = Object.fromEntries(codes.map((code) => [code, { value: problem(code) }]));
    const description = codes.map((code) => `\`${code}\`: ${FAILURES[code].sentence}`).join('\n\n');
    responses[status] = { description, content: { 'application/problem+json': { schema: problemSchema, examples } } };
  }
  return responses;
}

/** Every code by which a route may refuse what it is asked: those that come before its handler, and its own. */
export function refusalsOf(route: Route): readonly FailureCode[] {
  return [
    ...(route.who === 'public' ? [] : (['unauthenticated', 'database_unavailable'] as const)),
    'forbidden',
    ...(route.idPattern === undefined ? [] : (['not_found'] as const)),
    ...(route.body === undefined && route.query === undefined ? [] : (['invalid_parameters'] as const)),
    ...(route.body === undefined
      ? []
      : (['unsupported_media_type', 'body_cut_off', 'body_too_large', 'invalid_json'] as const)),
    ...(route.method === 'post' ? (['not_ready'] as const) : []),
    ...route.refusals,
  ];
}

function byStatus(codes: readonly FailureCode[]): Map<string, FailureCode[]> {
  const groups = new Map<string, FailureCode[]>();
  for (const code of new Set(codes)) {
    const status = String(FAILURES[code].status);
    groups.set(status, [...(groups.get(status) ?? []), code]);
  }
  return groups;
}
