import type { Route } from '../http/route.ts'

/** What torus' clients ask for. It is loaded with its first request. */
export const torusRoutes: readonly Route[] = [
  { method: 'GET', path: '/series', handle: async (...call) => (await import('./series.ts')).series(...call) },
  {
    method: 'DELETE',
    path: '/series',
    does: 'write',
    handle: async (...call) => (await import('./series.ts')).deleteSeries(...call),
  },
]
