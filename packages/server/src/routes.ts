import { RequestError } from '@kairos/events/http'
import { apiRoutes } from './api/routes.ts'
import { graphiteRoutes } from './graphite/routes.ts'
import type { Route } from './http/route.ts'
import { metricsRoutes } from './metrics/routes.ts'
import { builtPage, pageRoutes } from './page/routes.ts'
import { torusRoutes } from './torus/routes.ts'
import { writeRoutes } from './write-api/routes.ts'

/** All that the server answers. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/health', does: 'status', open: true, handle: () => new Response('ok\n') },
  {
    method: 'GET',
    path: '/ready',
    does: 'status',
    async handle(_request, { registry }) {
      await registry.open().catch(() => {
        throw new RequestError(503, 'a store cannot be opened')
      })
      return new Response('ready\n')
    },
  },
  ...graphiteRoutes,
  ...writeRoutes,
  ...metricsRoutes,
  ...apiRoutes,
  ...torusRoutes,
  ...pageRoutes(builtPage),
]
