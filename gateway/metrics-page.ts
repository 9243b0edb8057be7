import { type GatewayDeps } from './deps';
import { type PageRoute } from './page-route';

/** What Prometheus reads: on every listener but that of agents. */
export function metricsPage({ metrics, mayScrape }: Pick<GatewayDeps, 'metrics' | 'mayScrape'>): PageRoute {
  return {
    method: 'get',
    path: '/metrics',
    // Prometheus knows it by another name; where a token is needed, no page that an operator visits can ask.
    anyHost: !mayScrape(undefined),
    handle: async (c) => {
      if (!mayScrape(c.req.header('authorization'))) return c.text('A bearer token is needed.', 401);
      return c.text(await metrics.text(), 200, { 'content-type': metrics.contentType });
    },
  };
}
