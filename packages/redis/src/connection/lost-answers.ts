import { messageOf, type StoreFailure } from '@kairos/core/driver'

/** A command that was never sent. */
export class NotSent extends Error {
  readonly retry: StoreFailure['retry']
  /** The record it depends on was replaced. */
  readonly configChanged?: boolean

  constructor(message: string, retry: StoreFailure['retry'], cause?: unknown) {
    super(cause === undefined ? message : `${message}: ${withRemedy(messageOf(cause))}`, { cause })
    this.retry = retry
  }
}

/** What is known about a call that failed. */
export interface Diagnosis {
  /** Certainly not applied, not even in part. If false, it may have been. */
  readonly notApplied: boolean
  readonly retry: StoreFailure['retry']
  readonly message: string
  readonly cause: unknown
}

/**
 * Errors which mean that the server did not run the command, or refused the script at its first write, so that nothing was applied; and whether
 * to try again. After any other error, the command may have been applied.
 */
const REFUSALS: Readonly<Record<string, StoreFailure['retry']>> = {
  // The slot is on another node, or is being moved. Clients follow these, and pass them on when they give up.
  MOVED: 'later',
  ASK: 'later',
  TRYAGAIN: 'later',
  CLUSTERDOWN: 'later',
  // The server is starting, is a replica, is busy with a script, or must not write at the moment.
  LOADING: 'later',
  MASTERDOWN: 'later',
  BUSY: 'later',
  READONLY: 'later',
  NOREPLICAS: 'later',
  MISCONF: 'later',
  OOM: 'later',
  // ScriptRunner answers it with the whole script; it gets here only if that fails in the same way.
  NOSCRIPT: 'later',
  NOAUTH: 'never',
  WRONGPASS: 'never',
  NOPROTO: 'never',
  CROSSSLOT: 'never',
}

/** What a client's error means for the call that failed. */
export function diagnose(error: unknown): Diagnosis {
  const message = messageOf(error)
  if (error instanceof NotSent) return { notApplied: true, retry: error.retry, message, cause: error }
  const code = codeOf(message)
  const refusal = code === undefined ? undefined : REFUSALS[code]
  if (refusal !== undefined) return { notApplied: true, retry: refusal, message: withRemedy(message), cause: error }
  if (isUnsent(message)) return { notApplied: true, retry: 'later', message, cause: error }
  // Without a code, the connection or the answer was lost. With one, the server rejects the command, and would again.
  return { notApplied: false, retry: code === undefined ? 'later' : 'never', message, cause: error }
}

/** Adds how to log in, if a login is what is missing. */
function withRemedy(message: string): string {
  const code = codeOf(message)
  if (code !== 'NOAUTH' && code !== 'WRONGPASS') return message
  return `${message}; give the password in the URL, before the host, as the option clientConfig: { password }, or in your own client's options`
}

/**
 * The code at the start of an error reply. Redis 6.2 wraps errors inside a script in one of its own, and ioredis wraps the last of too many
 * redirections.
 */
export function codeOf(message: string): string | undefined {
  const inner = /(?:: -|Last error: (?:Reply)?Error: )([A-Z]+) /.exec(message)
  return inner?.[1] ?? /^([A-Z]{3,})(?: |$)/.exec(message)?.[1]
}

/** Messages by which clients say that they had no connection to send on. */
function isUnsent(message: string): boolean {
  return (
    message.startsWith("Stream isn't writeable and enableOfflineQueue") ||
    message.startsWith("Cluster isn't ready and enableOfflineQueue") ||
    message === 'None of startup nodes is available' ||
    message === 'The client is closed' ||
    message === 'The client is offline'
  )
}
