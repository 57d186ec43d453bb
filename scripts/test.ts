import { spawn } from 'node:child_process'

// npm test [-- ARGUMENT…]: every test of the workspace, type tests included, in one run, so that one summary ends it.
// Arguments go to vitest: `npm test -- packages/core`, `npm test -- -t 'a name'`.

// Tests that need a server find its URL in the environment: this is where servers are started, before the run, and
// where a server that cannot be had is named in a line. Its tests skip themselves then, which fails the run under CI.
const environment = process.env

const vitest = spawn('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit', env: environment })
// Ctrl-C reaches vitest too, which ends in its own time; its exit is ours.
process.on('SIGINT', () => {})
vitest.on('exit', (code) => {
  process.exitCode = code ?? 1
})
