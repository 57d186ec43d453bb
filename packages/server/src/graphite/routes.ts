import type { Route } from '../http/route.ts'

/** What clients read as a version of Graphite that has tags and the list of functions. */
const VERSION = '1.1.10'

type Handle = Route['handle']

/** Clients send a request in the URL, or as a form where it is long. */
function both(path: string, handle: Handle): Route[] {
  return [
    { method: 'GET', path, handle },
    { method: 'POST', path, handle },
  ]
}

/** The part of Graphite's API that Grafana uses. It is loaded with its first request. */
export const graphiteRoutes: readonly Route[] = [
  ...both('/render', async (...call) => (await import('./api/render.ts')).render(...call)),
  ...both('/metrics/find', async (...call) => (await import('./api/metrics.ts')).find(...call)),
  ...both('/metrics/expand', async (...call) => (await import('./api/metrics.ts')).expand(...call)),
  ...both('/metrics/index.json', async (...call) => (await import('./api/metrics.ts')).index(...call)),
  ...both('/tags/autoComplete/tags', async (...call) => (await import('./api/tags.ts')).completeTags(...call)),
  ...both('/tags/autoComplete/values', async (...call) => (await import('./api/tags.ts')).completeValues(...call)),
  ...both('/tags/findSeries', async (...call) => (await import('./api/tags.ts')).findSeries(...call)),
  { method: 'GET', path: '/tags', handle: async (...call) => (await import('./api/tags.ts')).tagList(...call) },
  { method: 'GET', path: '/tags/:tag', handle: async (...call) => (await import('./api/tags.ts')).tagDetails(...call) },
  {
    method: 'GET',
    path: '/functions',
    handle: async (request) => (await import('./api/functions.ts')).functionList(request),
  },
  {
    method: 'GET',
    path: '/functions/:name',
    handle: async (request) => (await import('./api/functions.ts')).functionDetails(request),
  },
  { method: 'GET', path: '/version', handle: () => new Response(`${VERSION}\n`) },
  ...both('/events/get_data', async (...call) => (await import('./api/annotations.ts')).annotations(...call)),
]
