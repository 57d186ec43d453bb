import { globSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './scripts/longest-first.ts'
import { SummaryReporter } from './scripts/summary-reporter.ts'
import { filesOf, testPhases } from './scripts/test-phases.ts'

/** The phase of `npm test` that this run belongs to; undefined: a manual run, of all files. */
const phase = testPhases.find(({ name }) => name === process.env.KAIROS_TEST_PHASE)
const files = phase && filesOf(phase)
const packages = globSync(['packages/*/package.json', 'examples/*/package.json']).map(dirname)

export default defineConfig({
  // Tests read the packages' sources, not their builds.
  ssr: { resolve: { conditions: ['@kairos/source'] } },
  test: {
    reporters: ['default', new SummaryReporter()],
    // Machines are shared and servers slow at times, tenfold on a busy one: a timeout is for what hangs.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // Most tests wait for a server, so that more of them fit on few cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    sequence: { sequencer: LongestFirst },
    projects: [...packages, 'scripts'].map((folder) => ({
      extends: true as const,
      root: folder,
      test: {
        name: folder.replace('packages/', ''),
        include: includedOf(folder),
        // Needs a Python of 2010, which no registry offers: it only runs if you have one.
        exclude: [
          ...(process.env.KAIROS_TEST_PYKRONOS === undefined ? ['test/pykronos.test.ts'] : []),
          // Many minutes of copies between stores.
          ...(process.env.KAIROS_TEST_SIZE === 'long' ? [] : ['test/copies.test.ts']),
        ],
        typecheck: {
          // These need no server.
          enabled: phase === undefined || phase === testPhases[0],
          include: ['test/**/*.test-d.ts'],
          tsconfig: join(import.meta.dirname, 'tsconfig.tests.json'),
        },
      },
    })),
  },
})

function includedOf(folder: string): string[] {
  if (files === undefined) return ['test/**/*.test.ts']
  return files.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1))
}
