import { showTime } from '../times/show-time.ts'
import type { Column } from './columns.ts'

/** The value of a column as JSON: maps are lists of pairs, int64 is text, datetime ISO 8601, bytes are base64. Undefined: there is none. */
export function jsonOf(value: unknown, { kind }: Pick<Column, 'kind'>, zone: string): unknown {
  if (kind === 'time' && typeof value === 'number') return showTime(value, zone)
  return plain(value)
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Map) return Array.from(value, ([key, item]) => [plain(key), plain(item)])
  if (value instanceof Set || Array.isArray(value)) return Array.from(value, plain)
  return value
}

/** As a cell of a CSV: text as it is, what has parts as JSON. */
export function csvOf(json: unknown): string {
  if (json === undefined || json === null) return ''
  const text = typeof json === 'object' ? JSON.stringify(json) : String(json)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Of a number in a table; the other formats have all of them. */
const DIGITS = 10
/** Longer lists in a table are cut. */
const LONGEST = 60

/** As a cell of a table. */
export function shownOf(json: unknown): string {
  if (json === undefined || json === null) return ''
  if (typeof json === 'number') return String(Number(json.toPrecision(DIGITS)))
  if (!Array.isArray(json)) return printable(typeof json === 'object' ? JSON.stringify(json) : String(json))
  const isPairs = json.length > 0 && json.every((item) => Array.isArray(item) && item.length === 2)
  const text = json.map((item) => (isPairs ? `${shownOf(item[0])}×${shownOf(item[1])}` : shownOf(item))).join(' ')
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text
}

/** A stored text must not move the cursor or change the colours of the terminal. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (found) => JSON.stringify(found).slice(1, -1) || '�')
}
