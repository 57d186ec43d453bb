import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'

/** A response, or a part of one, as parsed JSON. Any member may be missing. */
export type JsonRecord = Readonly<Record<string, unknown>>

/**
 * Parses a response that is a single object. Every one from a Kronos server has `@success`.
 * @throws KAIROS_STORE_FAILED
 */
export function parseEnvelope(path: string, text: string): JsonRecord {
  const answer = parse(text)
  if (isRecord(answer) && typeof answer['@success'] === 'boolean') return answer
  throw invalidResponse(path, text)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A response with status 200 that does not come from a Kronos server, or is incomplete: a proxy's page, or the start of a response that was cut
 * without HTTP noticing. Another attempt may reach the server.
 */
export function invalidResponse(path: string, text: string, cause?: unknown): KairosError {
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${path}: the response with status 200 is not from a Kronos server: ${describe(text)}`,
    { driver: 'http', operation: path, retryable: true, status: 200 },
    cause,
  )
}

/**
 * The report of each store behind the server about a stream, with a count in each.
 * @throws KAIROS_STORE_FAILED if a count is missing
 */
export function storeReports(path: string, answer: JsonRecord, stream: string, count: string): readonly JsonRecord[] {
  const reports = partsOf(answer[stream])
  if (
    reports.length > 0 &&
    reports.every((report) => Number.isSafeInteger(report[count]) && (report[count] as number) >= 0)
  )
    return reports
  throw invalidResponse(path, JSON.stringify(answer))
}

/** The errors that each store behind the server reports for a stream. The original also reports them for the stream itself. */
export function reportedErrors(report: unknown): readonly string[] {
  return [report, ...partsOf(report)].flatMap((each) => (isRecord(each) ? stringsIn(each['@errors']) : []))
}

/** The strings of a list; none if it is not a list. */
export function stringsIn(errors: unknown): readonly string[] {
  return Array.isArray(errors) ? errors.filter((each) => typeof each === 'string') : []
}

function partsOf(report: unknown): readonly JsonRecord[] {
  return isRecord(report) ? Object.values(report).filter(isRecord) : []
}
