import type { KeyRange } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import { invalidValue } from '../checks/errors.ts'
import { commonRange } from '../event/key-range.ts'
import { FIRST_KEY, firstKeyAt, keyAfter, keyBefore, LAST_KEY, lastKeyAt, parseId } from '../event/keys.ts'
import { checkStreamName } from '../event/stream-name.ts'
import { JsonScanner } from '../json/json-scanner.ts'
import type { Order } from '../types.ts'
import { RequestError } from './request-error.ts'

const INTEGER = /^-?\d+$/
const BOUNDS = ['start_time', 'end_time', 'start_id', 'end_id']
const FIELDS_OF_DELETE = ['stream', 'namespace', ...BOUNDS, 'id', 'dry_run']

/** The fields of a request, each as JSON text: numbers are parsed by those who know what they mean. */
export class RequestFields {
  readonly #texts: ReadonlyMap<string, string>

  /** @throws KAIROS_INVALID_VALUE */
  constructor(body: string) {
    const texts = new Map<string, string>()
    const scanner = new JsonScanner(body)
    if (scanner.kind() !== 'object') {
      const found = scanner.value().slice(0, 40)
      scanner.end()
      throw invalidValue({ path: 'the body', expected: 'a JSON object', found })
    }
    scanner.members((key) => texts.set(key, scanner.value(1)))
    scanner.end()
    this.#texts = texts
  }

  /**
   * Checks the fields of a delete. Unlike in other requests, unknown and empty fields are refused: they were meant to narrow the delete.
   * @throws KAIROS_INVALID_VALUE
   */
  checkDelete(): void {
    for (const [field, text] of this.#texts) {
      if (!FIELDS_OF_DELETE.includes(field)) {
        throw invalidValue({
          path: 'every field of a delete',
          expected: `one of ${FIELDS_OF_DELETE.join(', ')}`,
          found: describe(field),
        })
      }
      if (text === '""' || (text === 'null' && field !== 'namespace')) {
        throw invalidValue({ path: field, expected: 'given or left out in a delete', found: text })
      }
    }
    const bound = BOUNDS.find((each) => this.#texts.has(each))
    if (this.#texts.has('id') && bound !== undefined) {
      throw invalidValue({ path: 'id', expected: 'the only bound of a delete', found: `combined with ${bound}` })
    }
  }

  get stream(): string {
    return checkStreamName(this.#json('stream'))
  }

  /** undefined: the default namespace. */
  get namespace(): unknown {
    return this.#json('namespace') ?? undefined
  }

  get order(): Order {
    const order = this.#json('order') ?? (this.#texts.has('order') ? null : 'ascending')
    if (order === 'ascending' || order === 'descending') return order
    throw invalidValue({ path: 'order', expected: '"ascending" or "descending"', value: order })
  }

  /** undefined: no limit. */
  get limit(): number | undefined {
    const limit = this.#integer('limit')
    return limit === undefined ? undefined : Number(limit)
  }

  /** @throws 413 for more than `most` */
  ids(most: number): readonly string[] | undefined {
    const id = this.#json('id')
    if (id === undefined) return undefined
    if (Array.isArray(id) && id.length > most) {
      throw new RequestError(413, `a delete must have at most ${most} ids; send fewer at a time`)
    }
    return [...new Set((Array.isArray(id) ? id : [id]).map((each) => parseId(each, 'id')))]
  }

  get dryRun(): boolean {
    const dryRun = this.#json('dry_run') ?? false
    if (typeof dryRun === 'boolean') return dryRun
    throw invalidValue({ path: 'dry_run', expected: 'true or false', value: dryRun })
  }

  /**
   * The requested keys. Both times are included. `start_id` replaces `start_time` and `end_id` replaces `end_time`; their events are excluded.
   */
  get range(): KeyRange {
    const [startKey, endKey] = [this.#key('start_id'), this.#key('end_id')]
    const { first, last } = this.#times
    if (endKey === undefined && last === undefined) throw notInteger('end_time', 'undefined')
    return {
      first: startKey === undefined ? (first ?? firstKeyAt(0n)) : keyAfter(startKey),
      last: endKey === undefined ? (last ?? LAST_KEY) : keyBefore(endKey),
    }
  }

  /** The keys to delete: of a time and an id that bound the same end, both apply. */
  get deletedRange(): KeyRange {
    const { first = FIRST_KEY, last = LAST_KEY } = this.#times
    return commonRange(this.range, { first, last })
  }

  get #times(): Partial<KeyRange> {
    const [start, end] = [this.#integer('start_time'), this.#integer('end_time')]
    return {
      ...(start === undefined ? {} : { first: firstKeyAt(start) }),
      ...(end === undefined ? {} : { last: lastKeyAt(end) }),
    }
  }

  #json(field: string): unknown {
    const text = this.#texts.get(field)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** An integer, or a decimal string of one for callers whose numbers are doubles. undefined if the field is missing. */
  #integer(field: string): bigint | undefined {
    const text = this.#texts.get(field)
    if (text === undefined) return undefined
    const digits = text.startsWith('"') ? text.slice(1, -1) : text
    if (INTEGER.test(digits) && digits.length <= 20) return BigInt(digits)
    throw notInteger(field, text.slice(0, 40))
  }

  #key(field: string): string | undefined {
    const id = this.#json(field)
    // As in the original, null and '' mean no id.
    return id === undefined || id === null || id === '' ? undefined : parseId(id, field)
  }
}

function notInteger(path: string, found: string) {
  return invalidValue({ path, expected: 'an integer', found })
}
