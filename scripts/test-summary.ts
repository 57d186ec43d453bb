import { existsSync, readFileSync } from 'node:fs'

/** The result of a run of vitest. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** The files that have skipped tests. */
  readonly skipping: readonly string[]
  readonly files: readonly Duration[]
  readonly tests: readonly Duration[]
}

/** How long a file or a test took. */
export interface Duration {
  readonly name: string
  readonly milliseconds: number
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0, skipping: [], files: [], tests: [] }

export function sumOf(a: TestCounts, b: TestCounts): TestCounts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    skipping: [...a.skipping, ...b.skipping],
    files: [...a.files, ...b.files],
    tests: [...a.tests, ...b.tests],
  }
}

/** The counts that a run wrote; a run that ended without writing them has failed. */
export function countsIn(file: string): TestCounts {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { ...NO_TESTS, failed: 1 }
}

/**
 * Ends with one plain line for people and machines: `N passed, N failed, N skipped`. Before it, there are lines for the missing servers
 * and the files with skipped tests. If CI is set, skipping is a failure.
 * @returns the exit code
 */
export function printSummary({ passed, failed, skipped, skipping }: TestCounts, missing: readonly string[]): number {
  for (const line of missing) console.log(line)
  if (skipped > 0) console.log(`skipped: tests of ${[...new Set(skipping)].join(', ')}`)
  const mayNotSkip = skipped > 0 && Boolean(process.env.CI)
  if (mayNotSkip) console.log('failed: where CI is set, no test may be skipped')
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  return failed > 0 || mayNotSkip ? 1 : 0
}

/** The files and the tests that took longest, longest first. */
export function printSlowest({ files, tests }: TestCounts): void {
  for (const [title, durations] of Object.entries({ files, tests })) {
    console.log(`slowest ${title}:`)
    const slowest = durations.toSorted((a, b) => b.milliseconds - a.milliseconds).slice(0, 40)
    for (const { name, milliseconds } of slowest)
      console.log(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${name}`)
  }
}
