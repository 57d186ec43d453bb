import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { SummaryReporter } from './scripts/summary-reporter.ts'

const packages = globSync(['packages/*/package.json', 'examples/*/package.json']).map(dirname)

export default defineConfig({
  // Tests read the packages' sources, not their builds.
  ssr: { resolve: { conditions: ['@kairos/source'] } },
  test: {
    reporters: ['default', new SummaryReporter()],
    // Machines are shared and servers slow at times: a timeout is for what hangs.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Most tests wait for a server, so that more of them fit on few cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    projects: [...packages, 'scripts'].map((folder) => ({
      extends: true as const,
      root: folder,
      test: {
        name: folder.replace('packages/', ''),
        include: ['test/**/*.test.ts'],
        // Needs a Python of 2010, which no registry carries: a test for those who have one, and no test for others.
        exclude: process.env.KAIROS_TEST_PYKRONOS === undefined ? ['test/pykronos.test.ts'] : [],
        typecheck: {
          enabled: true,
          include: ['test/**/*.test-d.ts'],
          tsconfig: join(import.meta.dirname, 'tsconfig.tests.json'),
        },
      },
    })),
  },
})
