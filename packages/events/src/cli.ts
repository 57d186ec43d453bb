#!/usr/bin/env node
import { KairosError } from '@kairos/core'
import { messageOf, withoutSecrets } from '@kairos/core/driver'
import { parseArguments, USAGE } from './node/cli-arguments.ts'
import { serveCommand } from './node/serve-command.ts'

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error)
}

try {
  const settings = parseArguments(process.argv.slice(2))
  if (settings === null) {
    console.log(USAGE)
  } else {
    const server = await serveCommand(settings, console.log)
    console.log(`serving ${[...settings.stores.keys()].join(', ')} at ${server.url}`)
    const stop = (): void => {
      // Without listeners, a second signal ends the process immediately.
      process.off('SIGINT', stop)
      process.off('SIGTERM', stop)
      server.stop().catch((error: unknown) => {
        console.error(withoutSecrets(stackOf(error)))
        process.exitCode = 1
      })
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
  }
} catch (error) {
  // The system's errors, such as a port in use, are explained by their message, too.
  const isExplained = KairosError.is(error) || (error instanceof Error && 'syscall' in error)
  console.error(withoutSecrets(isExplained ? error.message : stackOf(error)))
  process.exitCode = 1
}
