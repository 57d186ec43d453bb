import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'
import { type Duration, printSummary, type TestCounts } from './test-summary.ts'

/** The prefix of reasons for which @kairos/driver-tests skips a test: a promise that a driver does not make is not a missing test. */
const NOT_ASKED = 'not asked of this driver: '

/** Counts a run: into the file that KAIROS_TEST_COUNTS names, if it is one of several phases; otherwise as the run's last line. */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = countsOf(modules, unhandledErrors.length)
    const file = process.env.KAIROS_TEST_COUNTS
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts))
    // On exit, so that it follows the output of all other reporters.
    else process.once('exit', () => (process.exitCode = printSummary(counts, []) || process.exitCode))
  }
}

function countsOf(modules: readonly TestModule[], unhandledErrors: number): TestCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0, pending: 0 }
  const skipping = new Set<string>()
  const files: Duration[] = []
  const tests: Duration[] = []
  for (const module of modules) {
    const file = relative('.', module.moduleId)
    files.push({ name: file, milliseconds: module.diagnostic().duration })
    for (const test of module.children.allTests()) {
      const { state, ...result } = test.result()
      if ('note' in result && result.note?.startsWith(NOT_ASKED)) continue
      counts[state]++
      if (state === 'skipped') skipping.add(file)
      tests.push({ name: `${file} > ${test.fullName}`, milliseconds: test.diagnostic()?.duration ?? 0 })
    }
    // If a file cannot be imported, or a suite's hook throws, no test of its own fails.
    counts.failed += module.errors().length
    for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
  }
  const { passed, failed, skipped, pending } = counts
  return { passed, failed: failed + pending, skipped, skipping: [...skipping], files, tests }
}
