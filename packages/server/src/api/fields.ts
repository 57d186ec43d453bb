import { describe } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'

/** A JSON schema, as far as the document of the API uses it. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** One thing that a request may say. */
export interface Field<T> {
  readonly schema: JsonSchema
  readonly description: string
  readonly required: boolean
  /** Of a URL, where everything is a text, or of JSON; undefined: left out. @throws RequestError */
  read(value: unknown, path: string): T
}

type Reads<T> = (value: unknown, path: string) => T

/** @throws RequestError, always */
function refuse(path: string, expected: string, value: unknown): never {
  throw new RequestError(400, `${path} must be ${expected}, not ${value === undefined ? 'left out' : describe(value)}`)
}

function optional<T>(schema: JsonSchema, description: string, read: Reads<T>): Field<T | undefined> {
  return {
    schema,
    description,
    required: false,
    read: (value, path) => (value === undefined ? undefined : read(value, path)),
  }
}

const readText: Reads<string> = (value, path) => (typeof value === 'string' ? value : refuse(path, 'a text', value))

export function text(description: string): Field<string | undefined> {
  return optional({ type: 'string' }, description, readText)
}

/** One text or several. */
export function texts(description: string): Field<readonly string[] | undefined> {
  const schema = { oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] }
  return optional(schema, description, (value, path) =>
    (Array.isArray(value) ? value : [value]).map((item) => readText(item, path)),
  )
}

export function wholeNumber(description: string, least = 1): Field<number | undefined> {
  return optional({ type: 'integer', minimum: least }, description, (value, path) => {
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    if (Number.isSafeInteger(number) && (number as number) >= least) return number as number
    return refuse(path, `a whole number of at least ${least}`, value)
  })
}

export function flag(description: string): Field<boolean> {
  return {
    schema: { type: 'boolean' },
    description,
    required: false,
    read(value = false, path) {
      if (value === true || value === 'true' || value === '1') return true
      if (value === false || value === 'false' || value === '0') return false
      return refuse(path, 'true or false', value)
    },
  }
}

/** A number, or a text that has a meaning of its own. */
export function numberOrText(description: string): Field<number | string | undefined> {
  return optional({ type: ['number', 'string'] }, description, (value, path) => {
    if (typeof value === 'string') return value
    return Number.isFinite(value) ? (value as number) : refuse(path, 'a number or a text', value)
  })
}

/** A step or an offset: seconds, which a URL writes as digits, or a text such as 6h. */
export function span(description: string): Field<number | string | undefined> {
  const field = numberOrText(description)
  return {
    ...field,
    read(value, path) {
      const read = field.read(value, path)
      return typeof read === 'string' && /^\d{1,12}$/.test(read) ? Number(read) : read
    },
  }
}

/** What it reads, but not left out. */
export function needed<T>(field: Field<T | undefined>): Field<T> {
  return {
    ...field,
    required: true,
    read: (value, path) => field.read(value, path) ?? refuse(path, 'given', value),
  }
}

/** How buckets without data show: a word, a number, or null, which a URL writes as `null`. */
export function fill(description: string): Field<string | number | null | undefined> {
  return optional({ type: ['string', 'number', 'null'] }, description, (value, path) => {
    if (value === null || value === 'null') return null
    if (typeof value === 'number') return value
    const given = readText(value, path)
    return given !== '' && Number.isFinite(Number(given)) ? Number(given) : given
  })
}
