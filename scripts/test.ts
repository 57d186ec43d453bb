import { spawn } from 'node:child_process'

// npm test [-- ARGUMENT…]: every test of the workspace in one run, so that one summary ends it.
// Arguments go to vitest: `npm test -- packages/core`, `npm test -- -t 'a name'`.
const vitest = spawn('vitest', ['run', ...process.argv.slice(2)], { stdio: 'inherit' })
vitest.on('exit', (code) => {
  process.exitCode = code ?? 1
})
