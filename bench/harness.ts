import { medianOf } from './median.ts'
import { formatTable, short } from './table.ts'

/** One way of doing the work. */
interface Variant {
  readonly name: string
  /** The timed part. */
  run(): unknown
  /** Before each run, not timed: an empty table, a fresh file. */
  prepare?(): unknown
}

/** The same work done in several ways. */
export interface Comparison {
  readonly title: string
  /** How much one run processes, and of what: 100,000 events. */
  readonly amount: number
  readonly unit: string
  /** The first, hand-written code, is what the others are compared with. */
  readonly variants: readonly [Variant, ...Variant[]]
  /** The project's own targets for each variant but the first: at least this `speed`, or at most this `time`, relative to the first. */
  readonly target?: { readonly speed: number } | { readonly time: number }
  /** Default 9. */
  readonly rounds?: number
  /** The milliseconds so far of what is measured; default: of the time that passes. */
  readonly clock?: () => number
}

/** The result of one variant. */
export interface Measured {
  readonly variant: string
  /** Milliseconds per run. */
  readonly median: number
  readonly fastest: number
  readonly slowest: number
  /** Units per second, from the median. */
  readonly rate: number
  /** Speed divided by that of the first variant: the median of the ratios of all rounds, each of two adjacent runs. */
  readonly speed: number
}

/** A comparison's outcome, or a figure that stands alone. */
export type Entry =
  | {
      readonly title: string
      readonly unit: string
      readonly measured: readonly Measured[]
      readonly target?: Comparison['target']
    }
  | {
      readonly title: string
      readonly unit: string
      readonly value: number
      readonly note?: string
      /** Whose figure it is, if others have one of the same title. */
      readonly variant?: string
    }

/** What the suites report to; prints each entry as it comes. */
export class Report {
  readonly entries: Entry[] = []

  /**
   * Alternates between the variants, a different one first in each round, after a round that warms up and does not count: on a machine that is
   * busy with other things too, only adjacent runs can be compared.
   */
  async compare(comparison: Comparison): Promise<readonly Measured[]> {
    const { title, amount, unit, variants, target, rounds = 9, clock = () => performance.now() } = comparison
    const times = variants.map(() => [] as number[])
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < variants.length; turn++) {
        const index = (turn + Math.max(round, 0)) % variants.length
        const elapsed = await timeOf(variants[index]!, clock)
        if (round >= 0) times[index]!.push(elapsed)
      }
    }
    const measured = variants.map(({ name }, index) => measuredOf(name, times[index]!, times[0]!, amount))
    this.#add({ title, unit, measured, ...(target && { target }) })
    return measured
  }

  /** A figure that is not a rate: bytes per bucket, milliseconds to import. */
  figure(title: string, value: number, unit: string, note?: string): void {
    this.#add({ title, unit, value, ...(note !== undefined && { note }) })
  }

  /** One variant's figure of several with this title. */
  figureOf(variant: string, title: string, value: number, unit: string): void {
    this.#add({ title, unit, value, variant })
  }

  #add(entry: Entry): void {
    this.entries.push(entry)
    console.log(formatEntry(entry))
  }
}

async function timeOf({ prepare, run }: Variant, clock: () => number): Promise<number> {
  await prepare?.()
  globalThis.gc?.()
  const start = clock()
  await run()
  return clock() - start
}

function measuredOf(variant: string, times: readonly number[], baseline: readonly number[], amount: number): Measured {
  const median = medianOf(times)
  return {
    variant,
    median,
    fastest: Math.min(...times),
    slowest: Math.max(...times),
    rate: (amount / median) * 1000,
    speed: medianOf(times.map((time, round) => baseline[round]! / time)),
  }
}

function formatEntry(entry: Entry): string {
  if ('value' in entry) {
    const note = entry.note === undefined ? '' : ` (${entry.note})`
    const whose = entry.variant === undefined ? '' : `${entry.variant}: `
    return `\n${whose}${entry.title}: ${short(entry.value)} ${entry.unit}${note}`
  }
  const rows = entry.measured.map(({ variant, speed, median, fastest, slowest, rate }, index) => [
    variant,
    `x${speed.toFixed(2)}${index === 0 ? '' : verdict(entry.target, speed)}`,
    `${short(rate)} ${entry.unit}/s`,
    `${median.toFixed(2)} ms`,
    `${fastest.toFixed(2)} to ${slowest.toFixed(2)}`,
  ])
  return `\n${entry.title}\n${formatTable(['', 'speed', 'rate', 'median', 'range'], rows)}`
}

function verdict(target: Comparison['target'], speed: number): string {
  if (target === undefined) return ''
  const least = 'speed' in target ? target.speed : 1 / target.time
  const asked = 'speed' in target ? `at least x${target.speed}` : `time at most x${target.time}`
  return speed >= least ? ` (${asked}: met)` : ` (${asked}: MISSED)`
}
