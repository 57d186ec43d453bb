import { explain, invalidValue, type Mistake } from '../checks/errors.ts'

const STREAM_NAME = /^[A-Za-z0-9_.-]{1,2048}$/

export function isStreamName(stream: unknown): stream is string {
  return typeof stream === 'string' && STREAM_NAME.test(stream)
}

/**
 * Checks the name of a stream, and returns it.
 * @throws KAIROS_INVALID_VALUE
 */
export function checkStreamName(stream: unknown): string {
  if (isStreamName(stream)) return stream
  throw invalidValue(typeof stream === 'string' ? { ...mistake(stream), details: { stream } } : mistake(stream))
}

/** What is wrong with the name of a stream. */
export function explainStreamName(stream: string): string {
  return explain(mistake(stream))
}

function mistake(stream: unknown): Mistake {
  return { path: 'stream', expected: 'a name of 1 to 2,048 characters of A-Z a-z 0-9 _ - .', value: stream }
}
