import { type PageRoute } from '../page-route';
import { linkPage, takeLink } from './link-page';
import { type SlackDeps } from './slack-deps';
import { takeInteraction } from './take-interaction';

/** Everything that Slack, and people who come from there, reach. */
export function slackPages(deps: SlackDeps): readonly PageRoute[] {
  return [
    { method: 'post', path: '/slack/interactions', handle: (c) => takeInteraction(deps, c) },
    { method: 'get', path: '/slack/link/{code}', handle: (c) => linkPage(deps, c) },
    { method: 'post', path: '/slack/link/{code}', handle: (c) => takeLink(deps, c) },
  ];
}
