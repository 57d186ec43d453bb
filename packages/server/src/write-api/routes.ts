import { RequestError } from '@kairos/events/http'
import type { Route, ServerRequest } from '../http/route.ts'
import { takeLine } from '../influx/take-line.ts'
import { REASONS, type Reason } from '../write/reasons.ts'
import { itemsOf, NotJson, readJson } from './json-list.ts'
import { takePoint } from './points.ts'
import { takeAll } from './take-all.ts'

/** What takes points in over HTTP, and tells what was not taken. */
export const writeRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/api/write',
    does: 'write',
    async handle(request, context) {
      const taken = await takeAll(
        pointsOf(request),
        (point) => {
          const fault = point instanceof NotJson ? point.fault : takePoint(point, context.writer, context.limits)
          return fault === undefined ? { faults: [], accepted: 1 } : { faults: [fault], accepted: 0 }
        },
        (point) => (point instanceof NotJson ? point.text : shown(point)),
        context,
        request,
      )
      // A client that sends all of it again would count twice what was accepted.
      return Response.json(taken, { status: taken.accepted === 0 && taken.rejected > 0 ? 400 : 200 })
    },
  },
  ...['/write', '/api/v2/write'].map(
    (path): Route => ({
      method: 'POST',
      path,
      does: 'write',
      async handle(request, context) {
        const unit = request.fields.get('precision') ?? 'ns'
        const taken = await takeAll(
          linesOf(request.body),
          (line) => takeLine(line, unit, context.writer),
          (line) => line,
          context,
          request,
        )
        const wrong = taken.errors.find(({ reason }) => !FITTING.includes(reason))
        if (wrong === undefined) return new Response(null, { status: 204 })
        const message = `partial write: line ${wrong.index + 1} ${REASONS[wrong.reason as Reason]}${wrong.message === undefined ? '' : `: ${wrong.message}`}; dropped=${taken.rejected}`
        return Response.json({ code: 'invalid', message, error: message }, { status: 400 })
      },
    }),
  ),
  {
    method: 'GET',
    path: '/api/dead-letters',
    does: 'status',
    handle({ fields }, { inbound: { deadLetters } }) {
      const reason = fields.get('reason') ?? undefined
      const reasons = Object.keys(REASONS) as Reason[]
      if (reason !== undefined && !reasons.includes(reason as Reason))
        throw new RequestError(400, `reason must be one of ${reasons.join(', ')}`)
      const limit = Number(fields.get('limit') ?? 100)
      if (!Number.isSafeInteger(limit) || limit < 1)
        throw new RequestError(400, 'limit must be a whole number of at least 1')
      return Response.json({
        counts: Object.fromEntries(reasons.map((each) => [each, deadLetters.count(each)])),
        letters: deadLetters
          .list(reason as Reason | undefined)
          .sort((a, b) => b.time - a.time)
          .slice(0, limit),
      })
    },
  },
]

/** A point as JSON, unless it has more levels than can be written. */
function shown(point: unknown): string {
  try {
    return JSON.stringify(point)
  } catch {
    return 'a point of too many levels'
  }
}

/** What is usual: InfluxDB's clients would give up for it. It is counted all the same. */
const FITTING: readonly string[] = ['unmatched', 'unsupported']

const BLANK = ' \t\r\n'

/** NDJSON, a list, or one point. */
function pointsOf(request: ServerRequest): Iterable<unknown> {
  const { body } = request
  const text = body.trimStart()
  if (text.startsWith('[')) return itemsOf(text)
  return isOne(request) ? [readJson(text)] : ndjson(body)
}

function isOne({ headers }: ServerRequest): boolean {
  return (headers.get('content-type') ?? '').startsWith('application/json')
}

function* ndjson(body: string): Iterable<unknown> {
  for (const line of linesOf(body)) yield readJson(line)
}

/** Without empty ones, of which a body may have millions before others would have a turn. */
function* linesOf(body: string): Iterable<string> {
  for (let start = 0; start < body.length; ) {
    if (BLANK.includes(body[start]!)) {
      start++
      continue
    }
    const newline = body.indexOf('\n', start)
    const end = newline === -1 ? body.length : newline
    const line = body.slice(start, end).trim()
    if (line !== '') yield line
    start = end + 1
  }
}
