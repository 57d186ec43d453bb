#!/usr/bin/env node
const interruption = new AbortController()
const interrupt = (): void => {
  // Without listeners, a second signal ends the process immediately.
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  interruption.abort()
}
process.on('SIGINT', interrupt)
process.on('SIGTERM', interrupt)
// Loaded afterwards: a signal that comes meanwhile counts too.
const { run } = await import('./run.ts')
process.exitCode = await run(process.argv.slice(2), { signal: interruption.signal })
process.off('SIGINT', interrupt)
process.off('SIGTERM', interrupt)
