import type { Route } from './route.ts'

/** A route whose path fits, with the parts that it names. */
export interface MatchedRoute {
  readonly route: Route
  readonly parts: Readonly<Record<string, string>>
}

/** The routes of a path, whatever their methods: those without named parts first. */
export function matchRoutes(routes: readonly Route[], path: string): MatchedRoute[] {
  const given = path.split('/')
  return routes
    .flatMap((route) => {
      const parts = partsOf(route.path.split('/'), given)
      return parts === undefined ? [] : [{ route, parts }]
    })
    .sort((a, b) => Object.keys(a.parts).length - Object.keys(b.parts).length)
}

function partsOf(pattern: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== given.length) return undefined
  const parts: [string, string][] = []
  for (const [index, part] of pattern.entries()) {
    const found = given[index]!
    if (!part.startsWith(':')) {
      if (part !== found) return undefined
    } else {
      const text = decoded(found)
      if (text === undefined) return undefined
      parts.push([part.slice(1), text])
    }
  }
  return Object.fromEntries(parts)
}

/** Undefined for a bad `%`. */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
