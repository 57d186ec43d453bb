import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { once } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import type { Route, ServerRequest } from '../http/route.ts'

/** The files of the page, by the path that they are served at. */
const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/page.js', 'page.js', 'text/javascript; charset=utf-8'],
  ['/page.css', 'page.css', 'text/css; charset=utf-8'],
] as const

/** The page runs its own script only, and talks to its own server only. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Where the page of this package is. Looked up with the first request: a server that was bundled into a program has no package to look in, and no page. */
export function builtPage(): URL {
  return new URL('dist/browser/', import.meta.resolve('@kairos/server/package.json'))
}

/** The page at `/`, from the files of a folder. */
export function pageRoutes(folder: () => URL): Route[] {
  return FILES.map(([path, file, type]): Route => {
    const contents = once(() => contentsOf(file, folder))
    return { method: 'GET', path, handle: async (request) => answerOf(request, await contents(), type) }
  })
}

interface Contents {
  readonly plain: Buffer
  readonly gzipped: Buffer
}

async function contentsOf(file: string, folder: () => URL): Promise<Contents> {
  try {
    const plain = await readFile(new URL(file, folder()))
    return { plain, gzipped: gzipSync(plain, { level: 9 }) }
  } catch {
    throw new RequestError(404, 'the page is missing: in a checkout, npm run build creates it')
  }
}

function answerOf({ headers }: ServerRequest, { plain, gzipped }: Contents, type: string): Response {
  const packed = /\bgzip\b/.test(headers.get('accept-encoding') ?? '')
  return new Response(packed ? gzipped : plain, {
    headers: {
      'content-type': type,
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-cache',
      vary: 'Accept-Encoding',
      ...(packed && { 'content-encoding': 'gzip' }),
    },
  })
}
