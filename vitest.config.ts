import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './scripts/summary-reporter.ts'

const packages = globSync(['packages/*/package.json', 'examples/*/package.json']).map(dirname)

export default defineConfig({
  // Tests read the packages' sources, not their builds.
  ssr: { resolve: { conditions: ['@kairos/source'] } },
  test: {
    reporters: ['default', new SummaryReporter()],
    projects: [...packages, 'scripts'].map((folder) => ({
      extends: true as const,
      root: folder,
      test: {
        name: basename(folder),
        include: ['test/**/*.test.ts'],
        typecheck: {
          enabled: true,
          include: ['test/**/*.test-d.ts'],
          tsconfig: join(import.meta.dirname, 'tsconfig.tests.json'),
        },
      },
    })),
  },
})
