import { KairosError } from '@kairos/core'
import { describe, type KeyRange } from '@kairos/core/driver'
import { checkStreamName, parseId } from '../event/event-codec.ts'
import { firstKeyAt, keyBeside, lastKeyAt } from '../event/keys.ts'
import { JsonScanner } from '../json/json-scanner.ts'
import type { Order } from '../types.ts'
import { RequestError } from './request-error.ts'

const INTEGER = /^-?\d+$/
const OF_DELETE = ['stream', 'namespace', 'start_time', 'end_time', 'start_id', 'end_id', 'id', 'dry_run']

/** The members of a request's body, an object, each as its JSON text: numbers are read where it is known what they are. */
export class RequestFields {
  readonly #texts: ReadonlyMap<string, string>

  /** @throws KAIROS_INVALID_VALUE */
  constructor(body: string) {
    const texts = new Map<string, string>()
    const scanner = new JsonScanner(body)
    if (scanner.kind() !== 'object') {
      scanner.value()
      scanner.end()
      throw invalid('the body must be a JSON object')
    }
    scanner.members((key) => texts.set(key, scanner.value(1)))
    scanner.end()
    this.#texts = texts
  }

  /**
   * Of a delete no field may be overlooked, as those of other requests are: one that is misspelt, or that a program left empty, was to bound it.
   * @throws KAIROS_INVALID_VALUE
   */
  checkDelete(): void {
    for (const [field, text] of this.#texts) {
      if (!OF_DELETE.includes(field)) {
        throw invalid(`delete has no field ${describe(field)}; known: ${OF_DELETE.join(', ')}`)
      }
      if (text === '""' || (text === 'null' && field !== 'namespace')) {
        throw invalid(`${field} is ${text}: a delete takes no empty field, leave it out`)
      }
    }
  }

  get stream(): string {
    return checkStreamName(this.#json('stream'))
  }

  /** undefined: the default one. */
  get namespace(): unknown {
    return this.#json('namespace') ?? undefined
  }

  get order(): Order {
    const order = this.#json('order') ?? (this.#texts.has('order') ? null : 'ascending')
    if (order === 'ascending' || order === 'descending') return order
    throw invalid('order must be "ascending" or "descending"')
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
      throw new RequestError(413, `a delete takes at most ${most} ids; send fewer at a time`)
    }
    return [...new Set((Array.isArray(id) ? id : [id]).map(parseId))]
  }

  get dryRun(): boolean {
    const dryRun = this.#json('dry_run') ?? false
    if (typeof dryRun === 'boolean') return dryRun
    throw invalid('dry_run must be true or false')
  }

  /**
   * The keys asked for. Both times are included; `start_id` takes the place of `start_time`, `end_id` that of `end_time`, and neither includes
   * its event.
   */
  get range(): KeyRange {
    const [startKey, endKey] = [this.#key('start_id'), this.#key('end_id')]
    const startTime = startKey === undefined ? (this.#integer('start_time') ?? 0n) : 0n
    const endTime = endKey === undefined ? this.#integer('end_time') : 0n
    if (endTime === undefined) throw invalid('end_time is missing')
    return {
      first: startKey === undefined ? firstKeyAt(startTime) : keyBeside(startKey, 1n),
      last: endKey === undefined ? lastKeyAt(endTime) : keyBeside(endKey, -1n),
    }
  }

  #json(field: string): unknown {
    const text = this.#texts.get(field)
    return text === undefined ? undefined : JSON.parse(text)
  }

  /** An integer, or a decimal string of one, for callers whose numbers are doubles. undefined: it is not there. */
  #integer(field: string): bigint | undefined {
    const text = this.#texts.get(field)
    if (text === undefined) return undefined
    const digits = text.startsWith('"') ? text.slice(1, -1) : text
    if (INTEGER.test(digits) && digits.length <= 20) return BigInt(digits)
    throw invalid(`${field} must be an integer, not ${text.slice(0, 40)}`)
  }

  #key(field: string): string | undefined {
    const id = this.#json(field)
    // As the original has it: null and '' are the same as no id.
    return id === undefined || id === null || id === '' ? undefined : parseId(id)
  }
}

function invalid(message: string): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message)
}
