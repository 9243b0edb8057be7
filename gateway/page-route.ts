import { type Context } from 'hono';

/** What is no part of the JSON API: pages for people's browsers, and what Slack sends. Each answers in its own form, and checks its own caller. */
export interface PageRoute {
  readonly method: 'get' | 'post';
  /** Like that of a route: `/slack/link/{code}`. */
  readonly path: string;
  handle(c: Context): Response | Promise<Response>;
}
