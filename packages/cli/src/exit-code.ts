import { KairosError, type KairosErrorCode } from '@kairos/core'
import { messageOf, withoutSecrets } from '@kairos/core/driver'
import { CommanderError } from 'commander'
import { Interrupted } from './interrupted.ts'
import { Failed, Misuse } from './misuse.ts'
import { PipeClosed, type Terminal } from './terminal/terminal.ts'

const FAILED = 1
const MISUSE = 2
const INTERRUPTED = 130

/** What only the command line can have got wrong. */
const MISUSES: readonly KairosErrorCode[] = [
  'KAIROS_INVALID_CONFIG',
  'KAIROS_INVALID_RANGE',
  'KAIROS_INVALID_VALUE',
  'KAIROS_UNKNOWN_INTERVAL',
  'KAIROS_UNKNOWN_TRANSFORM',
]

/** Reports what was thrown, without passwords, and says which exit code it is. */
export function exitCodeOf(error: unknown, terminal: Terminal, signal: AbortSignal): number {
  if (error instanceof PipeClosed) return 0
  // The parser has reported it: help and the version are not errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSE
  if (signal.aborted || error instanceof Interrupted) {
    terminal.report(`kairos: interrupted${error instanceof Interrupted ? `; ${error.message}` : ''}`)
    return INTERRUPTED
  }
  terminal.report(`kairos: ${explained(error) ? messageOf(error) : withoutSecrets(stackOf(error))}`)
  return error instanceof Misuse || (KairosError.is(error) && isMisuse(error)) ? MISUSE : FAILED
}

function isMisuse({ code, known }: KairosError): boolean {
  // An unknown scheme, and not a driver that is not installed.
  return MISUSES.includes(code) || (code === 'KAIROS_DRIVER_MISSING' && known !== undefined)
}

/** Whether its message is all that a user needs: what the system says, such as that a file does not exist, is explained too. */
function explained(error: unknown): boolean {
  return (
    error instanceof Misuse ||
    error instanceof Failed ||
    KairosError.is(error) ||
    (error instanceof Error && 'syscall' in error)
  )
}

function stackOf(error: unknown): string {
  return error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error)
}
