import type { Route } from '../http/route.ts'
import { prometheusText } from './exposition.ts'
import { ownMetrics } from './own-metrics.ts'

/** What Prometheus reads. */
export const metricsRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/metrics',
    does: 'status',
    async handle(_request, { inbound, writer }) {
      return prometheusText(await ownMetrics(inbound, writer))
    },
  },
  { method: 'GET', path: '/federate', handle: async (...call) => (await import('./federate.ts')).federate(...call) },
]
