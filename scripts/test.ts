import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareServers, type Servers, startServers, stopServers } from './servers/running.ts'
import { phasesFor } from './test-phases.ts'
import { countsIn, NO_TESTS, printSummary, sumOf } from './test-summary.ts'

// npm test [-- ARGUMENT…]: every test of the workspace, type tests included, phase by phase, each with its servers, and a summary at the end.
// Arguments go to vitest: `npm test -- packages/core`, `npm test -- -t 'a name'`. Tests find the servers they talk to by URLs in the
// environment; tests of a missing server skip themselves, which fails the run if CI is set.
// With --long (npm run test:long), tests that have a long size run in it.
const vitestArguments = process.argv.slice(2).filter((argument) => argument !== '--long')
const size = process.argv.includes('--long') ? { KAIROS_TEST_SIZE: 'long' } : {}
const NO_SERVERS: Servers = { running: [], missing: [] }
const folder = mkdtempSync(join(tmpdir(), 'kairos-test-'))

const phases = phasesFor(vitestArguments)
// Downloads from npm, PyPI, Maven and apt run during the first phase, which needs no server.
const prepared = prepareServers(phases.flatMap(({ servers }) => servers))
// A failure is handled where the first server is started.
prepared.catch(() => {})

let stopped: NodeJS.Signals | undefined
let vitest: ReturnType<typeof spawn> | undefined
// Ctrl-C reaches vitest too, which ends by itself; its exit code is ours, once the servers are down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = signal
    vitest?.kill(signal)
  })
}

let counts = NO_TESTS
const missing: string[] = []
let failed = false
for (const [index, phase] of phases.entries()) {
  if (stopped !== undefined) break
  const started = performance.now()
  // The first phase does not wait for the needs of the others.
  const servers = phase.servers.length === 0 ? NO_SERVERS : await startServers(phase.servers, await prepared)
  for (const { name, url } of servers.running) process.stderr.write(`kairos: ${name} is up at ${url}\n`)
  missing.push(...servers.missing)
  const file = join(folder, `${index}.json`)
  try {
    const urls = Object.fromEntries(servers.running.map(({ variable, url }) => [variable, url]))
    vitest = spawn('vitest', ['run', '--passWithNoTests', ...vitestArguments], {
      stdio: 'inherit',
      env: { ...process.env, ...size, ...urls, KAIROS_TEST_PHASE: phase.name, KAIROS_TEST_COUNTS: file },
    })
    vitest.on('error', (error) => process.stderr.write(`vitest cannot be run: ${error.message}\n`))
    const [code] = await once(vitest, 'close')
    failed ||= code !== 0
  } finally {
    await stopServers(servers.running)
  }
  counts = sumOf(counts, countsIn(file))
  process.stderr.write(`kairos: ${phase.name}: ${Math.round((performance.now() - started) / 1000)} s\n`)
}
rmSync(folder, { recursive: true })
// A phase can fail without a failed test: coverage, a type error.
if (failed && counts.failed === 0) counts = { ...counts, failed: 1 }
process.exitCode = printSummary(counts, missing)
