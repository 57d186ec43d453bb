import { globSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './scripts/summary-reporter.ts'

export default defineConfig({
  // Tests read the packages' sources, not their builds.
  ssr: { resolve: { conditions: ['@kairos/source'] } },
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: globSync(['packages/*/package.json', 'examples/*/package.json'])
      .map(dirname)
      .map((folder) => ({
        extends: true as const,
        root: folder,
        test: {
          name: basename(folder),
          include: ['test/**/*.test.ts'],
          typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: '../../tsconfig.tests.json' },
        },
      })),
  },
})
