import type { KeyRange } from '@kairos/core/driver'
import { invalidOption } from '../checks/errors.ts'
import { checkCount, checkOptions, checkRecord } from '../checks/options.ts'
import { FIRST_KEY, firstKeyAt } from '../event/keys.ts'
import type { Retention } from '../types.ts'

const TICKS_A_SECOND = 10_000_000

/** Which events to keep, by prefix of their streams' names. */
export class RetentionRules {
  /** Longest prefix first. */
  readonly #rules: readonly (readonly [prefix: string, rule: Retention])[]
  readonly #now: () => bigint

  /** @throws KAIROS_INVALID_CONFIG */
  constructor(retention: Readonly<Record<string, Retention>>, now: () => bigint) {
    checkRecord(retention, 'retention')
    const rules = Object.entries(retention)
    for (const [prefix, rule] of rules) checkRule(prefix, rule)
    this.#rules = rules.sort(([a], [b]) => b.length - a.length)
    this.#now = now
  }

  get isEmpty(): boolean {
    return this.#rules.length === 0
  }

  ruleFor(stream: string): Retention | undefined {
    return this.#rules.find(([prefix]) => stream.startsWith(prefix))?.[1]
  }

  /** The first key of a stream that is not too old. */
  oldestLive(stream: string): string {
    const age = this.ruleFor(stream)?.age
    return age === undefined ? FIRST_KEY : firstKeyAt(this.#now() - BigInt(Math.round(age * TICKS_A_SECOND)))
  }

  /** The part of a range that is not too old. */
  liveRange(stream: string, range: KeyRange): KeyRange {
    if (this.isEmpty) return range
    const oldest = this.oldestLive(stream)
    return oldest > range.first ? { first: oldest, last: range.last } : range
  }
}

function checkRule(prefix: string, rule: unknown): void {
  const path = `retention[${JSON.stringify(prefix)}]`
  checkOptions(rule, ['age', 'events'], path)
  const { age, events } = rule as { age?: unknown; events?: unknown }
  // 0 would delete every event, and elsewhere it often means that there is no limit.
  if (events !== undefined) checkCount(events, `${path}.events`, 1)
  if (age !== undefined && !(typeof age === 'number' && age > 0 && age <= Number.MAX_SAFE_INTEGER)) {
    throw invalidOption({ path: `${path}.age`, expected: 'seconds above 0, up to 2^53 - 1', value: age })
  }
}
