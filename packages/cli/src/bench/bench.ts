import type { Timeseries } from '@kairos/core'

/** Makes a name and a value. */
export type Generator = () => readonly [name: string, value: unknown]

interface Lanes {
  readonly generator: Generator
  readonly rolling: number | undefined
  readonly parallel: number
  readonly seconds: number
  readonly signal: AbortSignal
}

/** Rates and, in milliseconds, latencies. */
export interface BenchResult {
  readonly writes: number
  readonly seconds: number
  readonly perSecond: number
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
  readonly max: number | null
  readonly failed: number
}

/** Writes what a generator makes for some seconds, or until it is interrupted. */
export async function benchOf(
  timeseries: Timeseries,
  { generator, rolling, parallel, seconds, signal }: Lanes,
): Promise<BenchResult> {
  // Opening is not what is measured.
  await timeseries.open({ signal })
  const latencies: number[] = []
  let failed = 0
  const started = performance.now()
  const end = started + seconds * 1_000
  async function lane(): Promise<void> {
    while (performance.now() < end && !signal.aborted) {
      const [name, value] = generator()
      const begun = performance.now()
      try {
        await timeseries.insert(name, value, { ...(rolling !== undefined && { intervals: rolling }) })
        latencies.push(performance.now() - begun)
      } catch (error) {
        // The first one is the same as all others: a configuration that does not work.
        if (latencies.length === 0) throw error
        failed++
      }
    }
  }
  await Promise.all(Array.from({ length: parallel }, lane))
  const took = (performance.now() - started) / 1_000
  latencies.sort((one, other) => one - other)
  const share = (part: number): number | null => rounded(latencies[Math.ceil(latencies.length * part) - 1])
  return {
    writes: latencies.length,
    seconds: rounded(took)!,
    perSecond: Math.round(latencies.length / took),
    ...{ p50: share(0.5), p95: share(0.95), p99: share(0.99), max: share(1), failed },
  }
}

function rounded(number: number | undefined): number | null {
  return number === undefined ? null : Math.round(number * 100) / 100
}
