import { RequestError } from '@kairos/events/http'
import { graphiteRoutes } from './graphite/routes.ts'
import type { Route } from './http/route.ts'

/** All that the server answers. */
export const routes: readonly Route[] = [
  { method: 'GET', path: '/health', open: true, handle: () => new Response('ok\n') },
  {
    method: 'GET',
    path: '/ready',
    async handle(_request, { registry }) {
      await registry.open().catch(() => {
        throw new RequestError(503, 'a store cannot be opened')
      })
      return new Response('ready\n')
    },
  },
  ...graphiteRoutes,
]
