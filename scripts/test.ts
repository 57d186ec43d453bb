import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { prepareServers, startServers, stopServers } from './servers/running.ts'
import { phasesFor, type TestPhase } from './test-phases.ts'
import { countsIn, NO_TESTS, printSlowest, printSummary, sumOf } from './test-summary.ts'

// npm test [-- ARGUMENT…]: every test of the workspace, type tests included, in phases, each with its servers, and a summary at the end.
// Arguments go to vitest: `npm test -- packages/core`, `npm test -- -t 'a name'`. Tests find the servers they talk to by URLs in the
// environment; tests of a missing server skip themselves, which fails the run if CI is set.
// With --long (npm run test:long), tests that have a long size run in it. With --slowest, the files and tests that took longest are listed.
const OWN = ['--long', '--slowest']
const vitestArguments = process.argv.slice(2).filter((argument) => !OWN.includes(argument))
const size = process.argv.includes('--long') ? { KAIROS_TEST_SIZE: 'long' } : {}
const folder = mkdtempSync(join(tmpdir(), 'kairos-test-'))
/** What a second phase takes while the first one runs: three nodes of Cassandra, and vitest with its workers. */
const MEMORY_FOR_TWO = 8e9

const phases = phasesFor(vitestArguments)
// Tests wait for servers, and for time to pass: while one phase waits, the other computes.
const abreast = phases.length > 1 && process.availableMemory() >= MEMORY_FOR_TWO ? 2 : 1
if (phases.length > 1) {
  const gigabytes = (process.availableMemory() / 1e9).toFixed(1)
  process.stderr.write(`kairos: ${abreast === 2 ? 'two phases' : 'one phase'} at a time, as ${gigabytes} GB are free\n`)
}
// Downloads from npm, PyPI, Maven and apt run during the first phase, which needs no server.
const prepared = prepareServers(phases.flatMap(({ servers }) => servers))

let failed = false
let stopped = false
const running = new Set<ReturnType<typeof spawn>>()
// Ctrl-C reaches vitest too, which ends by itself; its exit code is ours, once the servers are down.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true
    failed = true
    for (const vitest of running) vitest.kill(signal)
  })
}

let counts = NO_TESTS
const missing: string[] = []
const waiting = [...phases]
await Promise.all(Array.from({ length: abreast }, runPhases))
rmSync(folder, { recursive: true })
// A phase can fail without a failed test: coverage, a type error.
if (failed && counts.failed === 0) counts = { ...counts, failed: 1 }
if (process.argv.includes('--slowest')) printSlowest(counts)
process.exitCode = printSummary(counts, missing)

async function runPhases(): Promise<void> {
  for (let phase = waiting.shift(); phase !== undefined && !stopped; phase = waiting.shift()) {
    try {
      await runPhase(phase)
    } catch (error) {
      // The other phases still run, and their servers are stopped.
      failed = true
      console.error(error)
    }
  }
}

async function runPhase(phase: TestPhase): Promise<void> {
  const started = performance.now()
  const servers = await startServers(phase.servers, prepared)
  for (const { name, url } of servers.running) process.stderr.write(`kairos: ${name} is up at ${url}\n`)
  missing.push(...servers.missing)
  const file = join(folder, `${phases.indexOf(phase)}.json`)
  try {
    if (!stopped) {
      const urls = Object.fromEntries(servers.running.map(({ variable, url }) => [variable, url]))
      failed = (await runVitest(phase, { ...urls, KAIROS_TEST_COUNTS: file })) !== 0 || failed
      counts = sumOf(counts, countsIn(file))
    }
  } finally {
    await stopServers(servers.running)
  }
  process.stderr.write(`kairos: ${phase.name}: ${Math.round((performance.now() - started) / 1000)} s\n`)
}

/** Resolves to its exit code. Of two at once, each line says whose it is. */
async function runVitest(phase: TestPhase, env: NodeJS.ProcessEnv): Promise<number | null> {
  const colour = abreast === 2 && process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}
  const vitest = spawn('vitest', ['run', '--passWithNoTests', ...vitestArguments], {
    stdio: abreast === 1 ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...colour, ...size, ...env, KAIROS_TEST_PHASE: phase.name },
  })
  running.add(vitest)
  for (const [from, to] of [
    [vitest.stdout, process.stdout],
    [vitest.stderr, process.stderr],
  ] as const) {
    if (from !== null) createInterface(from).on('line', (line) => to.write(`${phase.name} | ${line}\n`))
  }
  vitest.on('error', (error) => process.stderr.write(`vitest cannot be run: ${error.message}\n`))
  const [code] = await once(vitest, 'close')
  running.delete(vitest)
  return code
}
