import { type Context } from 'hono';

/** What is no part of the JSON API: pages for people's browsers, and what Slack sends. Each answers in its own form, and checks its own caller. */
export interface PageRoute {
  readonly method: 'get' | 'post';
  /** Like that of a route: `/slack/link/{code}`. */
  readonly path: string;
  /** Asked by programs that know it by another name: the host is not checked. */
  readonly anyHost?: boolean;
  handle(c: Context): Response | Promise<Response>;
}
