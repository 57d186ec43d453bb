import { relative } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends the run with one plain line that people and machines read alike: `N passed, N failed, N skipped`.
 * Before it, lines name the servers that are missing (scripts/test.ts knows them) and the files with skipped tests;
 * where CI is set, skipping fails the run.
 */
export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 }
    const skipping = new Set<string>()
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        counts[state]++
        if (state === 'skipped') skipping.add(relative('.', module.moduleId))
      }
      // A file that cannot be imported, or a suite whose hook throws, has no test of its own to fail.
      counts.failed += module.errors().length
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length
    }
    const { passed, failed, skipped, pending } = counts
    // On exit, so that it follows whatever the other reporters still have to say.
    process.once('exit', () => {
      if (process.env.KAIROS_TEST_MISSING) console.log(process.env.KAIROS_TEST_MISSING)
      if (skipped > 0) console.log(`skipped: tests of ${[...skipping].join(', ')}`)
      if (skipped > 0 && process.env.CI) {
        console.log('failed: where CI is set, no test may be skipped')
        process.exitCode = 1
      }
      console.log(`${passed} passed, ${failed + pending} failed, ${skipped} skipped`)
    })
  }
}
