import { createTimeseries, type Distribution, memoryDriver } from '@kairos/core'
import type { Report } from '../harness.ts'
import { generator } from '../workload.ts'

const MIXES = 1_000
const VALUES = 1_000
const SHARES = [0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999]
const ACCURACY = 0.01

/** How far answers are off at worst: beside the promise, a relative 1 % of a distribution and 1.6 % (one standard error) of a unique. */
export async function errors(report: Report): Promise<void> {
  await ofDistributions(report)
  await ofUniques(report)
}

async function ofDistributions(report: Report): Promise<void> {
  const random = generator(3)
  const driver = memoryDriver()
  const times = createTimeseries(driver, {
    type: 'distribution',
    accuracy: ACCURACY,
    intervals: { day: { step: 'daily' } },
  })
  const worst = new Map(SHARES.map((share) => [share, 0]))
  for (let mix = 0; mix < MIXES; mix++) {
    const scale = 10 ** (random() * 12 - 6)
    const [spread, negative] = [random() * 6, random() < 0.2]
    const values = Array.from(
      { length: VALUES },
      () => (negative && random() < 0.3 ? -1 : 1) * scale * Math.exp((random() + random() + random() - 1.5) * spread),
    )
    await times.insert(`mix ${mix}`, values)
    const [found] = [...(await times.get(`mix ${mix}`, 'day')).values()] as [Distribution]
    values.sort((one, other) => one - other)
    for (const share of SHARES) {
      const exact = values[Math.max(1, Math.ceil(share * VALUES)) - 1]!
      worst.set(share, Math.max(worst.get(share)!, Math.abs(found.quantile(share)! / exact - 1)))
    }
  }
  for (const [share, error] of worst)
    report.figureOf(
      `p${+(share * 100).toFixed(1)}`,
      `worst error of 1,000 mixes of 1,000 values (1 % promised)`,
      error * 100,
      '%',
    )
  await times.close()
}

async function ofUniques(report: Report): Promise<void> {
  const visitors = createTimeseries(memoryDriver(), { type: 'unique', intervals: { day: { step: 'daily' } } })
  let seen = 0
  for (const count of [10, 100, 1_000, 10_000, 100_000, 1_000_000]) {
    for (; seen < count; seen += 10_000) {
      const some = Array.from({ length: Math.min(10_000, count - seen) }, (_, index) => `visitor-${seen + index}`)
      await visitors.insert('home', some)
      if (some.length < 10_000) break
    }
    seen = count
    const [found] = [...(await visitors.get('home', 'day')).values()] as [number]
    report.figureOf(
      count.toLocaleString('en'),
      'error of a unique (1.6 % is the standard error)',
      (found / count - 1) * 100,
      '%',
    )
  }
  await visitors.close()
}
