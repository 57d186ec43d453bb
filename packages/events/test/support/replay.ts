import { readFileSync } from 'node:fs'
import { idToKey } from '../../src/event/keys.ts'
import { encodeJson, type JsonValue, parseJson } from '../../src/json/json-values.ts'

/** Exchanges recorded from the original Kronos 0.6.2; `${name}` in texts is a value of the run, or one saved by an earlier step. */
export interface Scenario {
  readonly name: string
  readonly mode: 'all' | 'collector'
  readonly steps: readonly Step[]
}

interface Step {
  readonly request: {
    readonly method: string
    readonly path: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: JsonValue
    readonly raw?: string
  }
  readonly expect: {
    readonly status: number
    readonly headers?: Readonly<Record<string, string>>
    /** The whole body; additional `@` members at the top level are allowed, except `@errors`. */
    readonly json?: JsonValue
    /** CRLF-ended events in the order of their ids; those of one time in any order. */
    readonly lines?: { readonly order?: string; readonly events: readonly Members[] }
    readonly names?: { readonly contains: readonly string[]; readonly absent: readonly string[] }
  }
  /** Values of the response to save: by name, the path to each. */
  readonly save?: Readonly<Record<string, readonly (string | number)[]>>
}

type Members = Readonly<Record<string, JsonValue>>
type Variables = Map<string, JsonValue>

export const scenarios: readonly Scenario[] = readFileSync(new URL('../vectors/kronos.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => parseJson(line) as unknown as Scenario)

/** Sends the scenario's requests; throws if a response differs from the recording. */
export async function replay(url: string, scenario: Scenario, backend: string): Promise<void> {
  const variables: Variables = new Map<string, JsonValue>([
    ['run', crypto.randomUUID().replaceAll('-', '')],
    ['backend', backend],
    ['now', BigInt(Date.now()) * 10_000n],
  ])
  for (const [index, step] of scenario.steps.entries()) {
    const { request, expect } = substitute(step as unknown as JsonValue, variables) as unknown as Step
    const response = await fetch(`${url}${request.path}`, {
      method: request.method,
      headers: request.headers ?? {},
      body: request.raw ?? (request.body === undefined ? null : encodeJson(request.body)),
    })
    const text = await response.text()
    try {
      const answer = check(expect, response, text)
      for (const [name, way] of Object.entries(step.save ?? {})) variables.set(name, at(answer, way))
    } catch (error) {
      throw new Error(`step ${index + 1}, ${request.path}: ${(error as Error).message}\nanswered ${text.slice(0, 500)}`)
    }
  }
}

function substitute(value: JsonValue, variables: Variables): JsonValue {
  if (typeof value === 'string') {
    const now = /^\$now([+-]\d+)?$/.exec(value)
    if (now !== null) return (variables.get('now') as bigint) + BigInt(now[1] ?? 0)
    return value.replace(/\$\{(\w+)\}/g, (_text, name: string) => String(variables.get(name)))
  }
  if (Array.isArray(value)) return value.map((item: JsonValue) => substitute(item, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [substitute(key, variables), substitute(member, variables)]),
  )
}

function at(value: JsonValue, way: readonly (string | number)[]): JsonValue {
  return way.reduce<JsonValue>((found, key) => (found as Members)[key]!, value)
}

function check(expected: Step['expect'], response: Response, text: string): JsonValue {
  if (response.status !== expected.status) throw new Error(`status ${response.status} instead of ${expected.status}`)
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const got = response.headers.get(name)?.split(';')[0]
    if (got !== value) throw new Error(`header ${name} is ${got} instead of ${value}`)
  }
  if (expected.lines !== undefined) return checkEvents(expected.lines, text)
  if (expected.names !== undefined) return checkNames(expected.names, text)
  if (expected.json === undefined) return null
  const answer = parseJson(text)
  match(expected.json, answer, '')
  return answer
}

function linesOf(text: string): string[] {
  if (text !== '' && !text.endsWith('\r\n')) throw new Error('the last line is not ended')
  return text.split('\r\n').slice(0, -1)
}

function checkNames({ contains, absent }: NonNullable<Step['expect']['names']>, text: string): JsonValue {
  const names = linesOf(text)
  for (const name of contains) {
    if (names.filter((each) => each === name).length !== 1) throw new Error(`${name} is not listed once`)
  }
  for (const name of absent) if (names.includes(name)) throw new Error(`${name} is listed`)
  return names
}

function checkEvents({ order, events: expected }: NonNullable<Step['expect']['lines']>, text: string): JsonValue {
  const events = linesOf(text).map((line) => parseJson(line) as Members)
  const keys = events.map((event) => idToKey(String(event['@id'])))
  const sorted = [...new Set(keys)].sort()
  if (order === 'descending') sorted.reverse()
  if (keys.some((key, index) => key === null || key !== sorted[index])) throw new Error('the events are out of order')
  if (events.length !== expected.length) throw new Error(`${events.length} events instead of ${expected.length}`)
  const left = [...events]
  for (const [index, wanted] of expected.entries()) {
    if (wanted['@time'] !== '$recent' && events[index]!['@time'] !== wanted['@time'])
      throw new Error(`event ${index}: @time`)
    const found = left.findIndex((event) => matches(wanted, event))
    if (found < 0) throw new Error(`no event is like ${encodeJson(wanted)}`)
    left.splice(found, 1)
  }
  return events
}

function matches(expected: JsonValue, actual: JsonValue): boolean {
  try {
    match(expected, actual, '')
    return true
  } catch {
    return false
  }
}

const WILDCARDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  $any: () => true,
  $str: (value) => typeof value === 'string' && value !== '',
  $int: (value) => typeof value === 'bigint' || Number.isSafeInteger(value),
  $bool: (value) => typeof value === 'boolean',
  $id: (value) => typeof value === 'string' && idToKey(value) !== null,
  $took: (value) => typeof value === 'string' && /^\d+(\.\d+)?ms$/.test(value),
  $recent: (value) => Math.abs(Number(value) / 10_000 - Date.now()) < 600_000,
}

function match(expected: JsonValue | undefined, actual: JsonValue | undefined, path: string): void {
  const differs = (): Error => new Error(`${path || 'the body'}: not like ${encodeJson(expected)}`)
  if (typeof expected === 'string' && Object.hasOwn(WILDCARDS, expected)) {
    if (!WILDCARDS[expected]!(actual)) throw differs()
  } else if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) throw differs()
    for (const [index, item] of expected.entries()) match(item, actual[index], `${path}[${index}]`)
  } else if (typeof expected === 'object' && expected !== null) {
    matchObject(expected as Members, actual, path)
  } else if (!Object.is(expected, actual)) {
    throw differs()
  }
}

function matchObject(expected: Members, actual: JsonValue | undefined, path: string): void {
  if (expected.$errors !== undefined) {
    const isList = Array.isArray(actual) && actual.every((text) => typeof text === 'string' && text !== '')
    if (!isList || (expected.$errors !== null && actual.length !== expected.$errors)) throw new Error(`${path}: errors`)
    return
  }
  if (expected.$set !== undefined) {
    const sorted = (list: JsonValue | undefined): string =>
      [...(list as JsonValue[])]
        .map((item) => encodeJson(item))
        .sort()
        .join()
    if (!Array.isArray(actual) || sorted(actual) !== sorted(expected.$set)) throw new Error(`${path}: not the same set`)
    return
  }
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) throw new Error(`${path}: no object`)
  for (const [key, member] of Object.entries(expected)) match(member, (actual as Members)[key], `${path}/${key}`)
  for (const key of Object.keys(actual)) {
    const mayBeMore = path === '' && key.startsWith('@') && key !== '@errors'
    if (!Object.hasOwn(expected, key) && !mayBeMore) throw new Error(`${path}/${key}: unexpected`)
  }
}
