import { failedStore, messageOf, type StoreFailure } from '@kairos/core/driver'

/** A command that never left this process. */
export class NotSent extends Error {
  readonly retry: StoreFailure['retry']
  /** The records that it was about were replaced. */
  readonly configChanged?: boolean

  constructor(message: string, retry: StoreFailure['retry'], cause?: unknown) {
    super(cause === undefined ? message : `${message}: ${withRemedy(messageOf(cause))}`, { cause })
    this.retry = retry
  }
}

/** What is known of a call that failed. */
export interface Fault {
  /** Certainly nothing of it was done; false: nobody knows. */
  readonly undone: boolean
  readonly retry: StoreFailure['retry']
  readonly message: string
  readonly cause: unknown
}

/**
 * Errors by which a server tells that it has not run a command, or that a script of ours was refused at its first write, so that nothing of it
 * was done; and whether trying again may help. Any other error leaves open what was done.
 */
const REFUSALS: Readonly<Record<string, StoreFailure['retry']>> = {
  // The slot is elsewhere, or between two nodes. Clients follow these; they come through when a client gives up.
  MOVED: 'later',
  ASK: 'later',
  TRYAGAIN: 'later',
  CLUSTERDOWN: 'later',
  // A server that starts, follows another one, is busy with a script, or must not write now.
  LOADING: 'later',
  MASTERDOWN: 'later',
  BUSY: 'later',
  READONLY: 'later',
  NOREPLICAS: 'later',
  MISCONF: 'later',
  OOM: 'later',
  // Nobody can write the server's functions into its cache faster than it forgets them: see Calls.
  NOSCRIPT: 'later',
  NOAUTH: 'never',
  WRONGPASS: 'never',
  NOPROTO: 'never',
  CROSSSLOT: 'never',
}

/** Sorts an error of a client into what it means for the call. */
export function faultOf(error: unknown): Fault {
  const message = messageOf(error)
  if (error instanceof NotSent) return { undone: true, retry: error.retry, message, cause: error }
  const code = codeOf(message)
  const refusal = code === undefined ? undefined : REFUSALS[code]
  if (refusal !== undefined) return { undone: true, retry: refusal, message: withRemedy(message), cause: error }
  if (isUnsent(message)) return { undone: true, retry: 'later', message, cause: error }
  // A call that reached nobody, or whose answer was lost; or one that the server says is wrong, and will again.
  return { undone: false, retry: code === undefined ? 'later' : 'never', message, cause: error }
}

/** How to log in, where it is that which a server misses. */
function withRemedy(message: string): string {
  const code = codeOf(message)
  if (code !== 'NOAUTH' && code !== 'WRONGPASS') return message
  return `${message}; give the password in the URL, before the host, as the option clientConfig: { password }, or in the options of your own client`
}

/** Whether a server says by this error that it is a replica, and takes no writes. */
export function isOfReplica({ message }: Error): boolean {
  return codeOf(message) === 'READONLY'
}

/** What reads, `open` and `delete` reject with. */
export function storeFailure(error: unknown): StoreFailure {
  const { message, retry, cause } = faultOf(error)
  return Object.assign(failedStore(message, retry, cause), isConfigChanged(error) && { configChanged: true })
}

export function isConfigChanged(error: unknown): boolean {
  return error instanceof NotSent && error.configChanged === true
}

/**
 * The code that an error reply begins with. Redis 6.2 wraps what happened inside a script in an error of its own, and ioredis the last of too
 * many redirections.
 */
function codeOf(message: string): string | undefined {
  const inner = /(?:: -|Last error: (?:Reply)?Error: )([A-Z]+) /.exec(message)
  return inner?.[1] ?? /^([A-Z]{3,})(?: |$)/.exec(message)?.[1]
}

/** By these the clients say that they had no connection to send on. */
function isUnsent(message: string): boolean {
  return (
    message.startsWith("Stream isn't writeable and enableOfflineQueue") ||
    message.startsWith("Cluster isn't ready and enableOfflineQueue") ||
    message === 'None of startup nodes is available' ||
    message === 'The client is closed' ||
    message === 'The client is offline'
  )
}

/** What ended an attempt to connect: of a cluster what went wrong at the last of its nodes. */
export function causeOfConnection(error: unknown): unknown {
  return (error as { readonly lastNodeError?: unknown } | undefined)?.lastNodeError ?? error
}

/** Codes by which Node's TLS says that one side does not trust the other, or that the other speaks no TLS. */
const UNTRUSTED =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|DEPTH_ZERO_|HOSTNAME_|INVALID_|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_)/

/** Whether another connection may come about: not where one side knows the other, and says no. */
export function retryOfConnection(cause: unknown): 'later' | 'never' {
  const { undone, retry } = faultOf(cause)
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  return (undone && retry === 'never') || (typeof code === 'string' && UNTRUSTED.test(code)) ? 'never' : 'later'
}
