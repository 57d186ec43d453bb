import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ServerKind } from './servers/kind.ts'
import { serverKinds } from './servers/kinds.ts'
import { startServers, stopServers } from './servers/running.ts'

// npm test [-- ARGUMENT…]: every test of the workspace, type tests included, in one run, so that one summary ends it.
// Arguments go to vitest: `npm test -- packages/core`, `npm test -- -t 'a name'`. Tests find the servers they talk to
// by URLs in the environment; those of a server that cannot be had skip themselves, which fails the run where CI is set.
const vitestArguments = process.argv.slice(2)

/** All, or those that the packages named by the arguments talk to. */
function neededServers(): ServerKind[] {
  const named = vitestArguments.flatMap(
    (argument) => /^(?:\.\/)?(?:packages|examples)\/([^/]+)/.exec(argument)?.[1] ?? [],
  )
  return serverKinds.filter(({ packages }) => named.length === 0 || packages.some((name) => named.includes(name)))
}

const { running, missing } = await startServers(neededServers())
const urls = Object.fromEntries(running.map(({ variable, url }) => [variable, url]))
for (const { name, url } of running) process.stderr.write(`kairos: ${name} is up at ${url}\n`)

const vitest = spawn('vitest', ['run', ...vitestArguments], {
  stdio: 'inherit',
  // The summary names what is missing, at the end of the run, where people look.
  env: { ...process.env, ...urls, KAIROS_TEST_MISSING: missing.join('\n') },
})
// Ctrl-C reaches vitest too, which ends in its own time; its exit is ours, once the servers are down.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => vitest.kill('SIGTERM'))
vitest.on('error', (error) => process.stderr.write(`vitest cannot be run: ${error.message}\n`))
const [code] = await once(vitest, 'close')
await stopServers(running)
process.exitCode = code ?? 1
