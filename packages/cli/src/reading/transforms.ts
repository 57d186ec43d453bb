import { share, top } from '@kairos/core'
import { mustBe } from '../misuse.ts'

/** What an empty read of these types shows, which a single column could not. */
const USUAL: Readonly<Record<string, readonly string[]>> = {
  summary: ['count', 'sum', 'mean', 'min', 'max', 'last'],
  distribution: ['count', 'mean', 'min', 'p50', 'p90', 'p99', 'max'],
}

/** The transform that a read asks for, and the columns of what it gives. */
export interface Transforms {
  readonly transform: unknown
  readonly columns: readonly string[]
  /** The columns of what one bucket gives. */
  fields(data: unknown): Readonly<Record<string, unknown>>
}

/** Those of `--transform`, by default those that show what the type keeps. @throws Misuse */
export function transformsOf(given: readonly string[] | undefined, type: string): Transforms {
  const names = given ?? USUAL[type] ?? []
  if (names.length <= 1) {
    const column = names[0] ?? 'value'
    return {
      transform: names.length === 0 ? undefined : transformOf(names[0]!),
      columns: [column],
      fields: (data) => ({ [column]: data }),
    }
  }
  return {
    transform: Object.fromEntries(names.map((name) => [name, transformOf(name)])),
    columns: names,
    // What fills a bucket is one for all of them.
    fields: (data) =>
      data !== null && typeof data === 'object'
        ? (data as Record<string, unknown>)
        : Object.fromEntries(names.map((name) => [name, data])),
  }
}

const COMPARED: Readonly<Record<string, (value: unknown, limit: never) => boolean>> = {
  '>=': (value, limit) => (value as number) >= limit,
  '<=': (value, limit) => (value as number) <= limit,
  '>': (value, limit) => (value as number) > limit,
  '<': (value, limit) => (value as number) < limit,
  '=': (value, limit) => String(value) === String(limit),
}

/** A transform by name; `top:3` and `share:>15` are those of the library with a parameter. */
function transformOf(text: string): unknown {
  const [, name, parameter] = /^(top|share)[:(](.*?)\)?$/.exec(text) ?? []
  if (name === 'top') return top(Number(parameter))
  if (name !== 'share') return text
  const [, sign, limit = ''] = /^(>=|<=|>|<|=)(.+)$/.exec(parameter!) ?? []
  const isNumber = limit.trim() !== '' && Number.isFinite(Number(limit))
  if (sign === undefined || (sign !== '=' && !isNumber))
    throw mustBe('--transform share', 'a comparison such as share:>15 or share:=Berlin', text)
  const compared = COMPARED[sign]!
  return share((value: unknown) => compared(value, (isNumber ? Number(limit) : limit) as never))
}
