import type { Route } from '../http/route.ts'

/** The server's own API, which `/api/openapi.json` describes. It is loaded with its first request. */
export const apiRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/api/openapi.json',
    handle: async () => Response.json((await import('./document.ts')).openApi()),
  },
  {
    method: 'GET',
    path: '/api/timeseries',
    handle: async (...call) => (await import('./timeseries.ts')).timeseriesOperation.handle(...call),
  },
  {
    method: 'GET',
    path: '/api/names',
    handle: async (...call) => (await import('./names.ts')).namesOperation.handle(...call),
  },
  ...(['GET', 'POST'] as const).flatMap((method): Route[] => [
    {
      method,
      path: '/api/query',
      handle: async (...call) => (await import('./query.ts')).queryOperation.handle(...call),
    },
    { method, path: '/api/top', handle: async (...call) => (await import('./top.ts')).topOperation.handle(...call) },
  ]),
]
