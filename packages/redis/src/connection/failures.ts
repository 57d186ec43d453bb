import { failedStore, type StoreFailure } from '@kairos/core/driver'
import { codeOf, diagnose, NotSent } from './lost-answers.ts'

/** Whether this error means that the server is a replica, which takes no writes. */
export function isOfReplica({ message }: Error): boolean {
  return codeOf(message) === 'READONLY'
}

/** The error with which reads, `open` and `delete` reject. */
export function storeFailure(error: unknown): StoreFailure {
  const { message, retry, cause } = diagnose(error)
  return Object.assign(failedStore(message, retry, cause), isConfigChanged(error) && { configChanged: true })
}

export function isConfigChanged(error: unknown): boolean {
  return error instanceof NotSent && error.configChanged === true
}

/** Why an attempt to connect failed; for a cluster, what went wrong at the last of its nodes. */
export function causeOfConnection(error: unknown): unknown {
  return (error as { readonly lastNodeError?: unknown } | undefined)?.lastNodeError ?? error
}

/** Codes of Node's TLS for when one side does not trust the other, or does not use TLS. */
const UNTRUSTED =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|DEPTH_ZERO_|HOSTNAME_|INVALID_|PATH_LENGTH_|SELF_SIGNED_|UNABLE_TO_)/

/** Whether connecting again may succeed: not if one side refuses the other's login or certificate. */
export function retryOfConnection(cause: unknown): 'later' | 'never' {
  const { notApplied, retry } = diagnose(cause)
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  return (notApplied && retry === 'never') || (typeof code === 'string' && UNTRUSTED.test(code)) ? 'never' : 'later'
}
