import { share, top } from '@kairos/core'
import type { ServerConfig } from '@kairos/server'
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

/** Those that a configuration defines. */
type Own = ServerConfig['transforms']

/** Those of `--transform`. @throws Misuse */
export function transformsOf(names: readonly string[], own: Own): Transforms {
  if (names.length <= 1) {
    const [column = 'value'] = names
    return {
      transform: names.length === 0 ? undefined : transformOf(column, own),
      columns: [column],
      fields: (data) => ({ [column]: data }),
    }
  }
  return {
    transform: Object.fromEntries(names.map((name) => [name, transformOf(name, own)])),
    columns: names,
    // What fills a bucket is one for all of them.
    fields: (data) =>
      data !== null && typeof data === 'object'
        ? (data as Record<string, unknown>)
        : Object.fromEntries(names.map((name) => [name, data])),
  }
}

/** Those that show what a type keeps. */
export function usualTransforms(type: string): readonly string[] {
  return USUAL[type] ?? []
}

const COMPARED: Readonly<Record<string, (value: unknown, limit: never) => boolean>> = {
  '>=': (value, limit) => (value as number) >= limit,
  '<=': (value, limit) => (value as number) <= limit,
  '>': (value, limit) => (value as number) > limit,
  '<': (value, limit) => (value as number) < limit,
  '=': (value, limit) => String(value) === String(limit),
}

/** A transform by name: the configuration's own, or the library's, of which `top:3` and `share:>15` have a parameter. */
function transformOf(text: string, own: Own = {}): unknown {
  if (Object.hasOwn(own, text)) return own[text]
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
