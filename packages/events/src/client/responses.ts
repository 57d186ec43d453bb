import { KairosError } from '@kairos/core'
import { describe, isRecord } from '@kairos/core/driver'

/** An answer, or a part of one, as JSON has it: whoever wrote it, nothing of it is sure to be there. */
export type JsonRecord = Readonly<Record<string, unknown>>

/**
 * The one object of an answer. That it comes from a Kronos server is seen by `@success`, which all of them have.
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
 * What was answered with status 200, but not by such a server, or not whole: a proxy's page, or what is left of an answer that was cut where
 * HTTP does not show it. Another try may reach the server.
 */
export function invalidResponse(path: string, text: string, cause?: unknown): KairosError {
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `${path} was answered 200 with what no Kronos server says: ${describe(text)}`,
    { driver: 'http', operation: path, retryable: true, status: 200 },
    cause,
  )
}

/**
 * What each store behind the server says of a stream: a count.
 * @throws KAIROS_STORE_FAILED where one is missing
 */
export function storeReports(path: string, answer: JsonRecord, stream: string, count: string): readonly JsonRecord[] {
  const reports = partsOf(answer[stream])
  if (reports.length > 0 && reports.every((report) => typeof report[count] === 'number')) return reports
  throw invalidResponse(path, JSON.stringify(answer))
}

/** What each store behind the server says went wrong with a stream; the original also says it of the stream itself. */
export function reportedErrors(report: unknown): readonly string[] {
  return [report, ...partsOf(report)].flatMap((each) => (isRecord(each) ? stringsIn(each['@errors']) : []))
}

export function stringsIn(errors: unknown): readonly string[] {
  return Array.isArray(errors) ? errors.filter((each) => typeof each === 'string') : []
}

function partsOf(report: unknown): readonly JsonRecord[] {
  return isRecord(report) ? Object.values(report).filter(isRecord) : []
}
