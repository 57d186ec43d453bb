import type { Route } from '../http/route.ts'
import { exposition } from './exposition.ts'
import { ownMetrics } from './own-metrics.ts'

/** What Prometheus reads. */
export const metricsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/metrics',
    does: 'status',
    async handle(_request, { inbound, writer }) {
      const text = exposition(await ownMetrics(inbound, writer))
      return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' } })
    },
  },
]
