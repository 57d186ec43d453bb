/** What was looked at, what was found, and what to do about it. */
export interface Finding {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  readonly todo?: string
}

/** Looks at one kind of store, beside what holds for all of them. Gives what it has found until it fails. */
export type Probe = (url: string, place: ProbedPlace) => AsyncIterable<Finding>

/** What is known of the place. */
export interface ProbedPlace {
  /** By the place of a timeseries, `count` or `count.views`: its intervals, and how many buckets each keeps; null: all. */
  readonly kept: ReadonlyMap<string, Readonly<Record<string, number | null>>>
  /** In milliseconds, for each request. */
  readonly timeout: number
}

export function finding(check: string, isOk: boolean, found: string, todo = ''): Finding {
  return { check, state: isOk ? 'ok' : 'warn', found, ...(!isOk && todo !== '' && { todo }) }
}

/** The clock of a store, in Unix seconds, beside this machine's, which was read before and after. */
export function clockFinding(clock: number, before: number, after: number): Finding {
  const ahead = clock < before ? clock - before : clock > after ? clock - after : 0
  const shown = `${Math.abs(ahead).toFixed(1)} s ${ahead < 0 ? 'behind' : 'ahead of'} this machine`
  return finding(
    'clock',
    Math.abs(ahead) < 2,
    Math.abs(ahead) < 0.1 ? 'as this machine' : shown,
    'run NTP on both: buckets expire by the clock of the store',
  )
}

/** Indexes of tables beside their primary keys. */
export function indexesFinding(names: readonly string[]): Finding {
  return finding(
    'indexes',
    names.length === 0,
    names.join(', ') || 'the primary keys',
    'drop these: the primary key is enough, and they make writes slower',
  )
}

/** Compares versions by their numbers. */
export function isAtLeast(version: string, least: readonly number[]): boolean {
  const numbers = version.split('.').map((part) => Number.parseInt(part, 10) || 0)
  for (const [index, number] of least.entries()) if (numbers[index] !== number) return (numbers[index] ?? 0) > number
  return true
}
