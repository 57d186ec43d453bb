import type { IoredisLike } from './ioredis-types.ts'

/** The options that decide whether a client sends a command twice, and where its keys are. */
interface WatchedOptions {
  readonly keyPrefix?: string
  readonly autoResendUnfulfilledCommands?: boolean
  readonly retryDelayOnFailover?: number
  readonly clusterNodeRetryStrategy?: unknown
  readonly redisOptions?: { readonly keyPrefix?: string; readonly autoResendUnfulfilledCommands?: boolean }
}

/** A `Cluster` is recognized by the method that lists its nodes. */
export function isCluster(client: object): boolean {
  return 'nodes' in client && typeof client.nodes === 'function'
}

/** The options to change so that a client does not resend commands that the server may have run already. */
export function hazardsOf(client: IoredisLike): string[] {
  const options: WatchedOptions = client.options
  if (!isCluster(client))
    return options.autoResendUnfulfilledCommands === false ? [] : ['autoResendUnfulfilledCommands: false']
  const hazards: string[] = []
  if (options.retryDelayOnFailover !== 0) hazards.push('retryDelayOnFailover: 0')
  // Nodes of a cluster reconnect, and resend, only if the application gives a strategy.
  const reconnects = typeof options.clusterNodeRetryStrategy === 'function'
  if (reconnects && options.redisOptions?.autoResendUnfulfilledCommands !== false)
    hazards.push('redisOptions: { autoResendUnfulfilledCommands: false }')
  return hazards
}

/** The prefix that a client puts before keys, but not before a script's other arguments; '' if there is none. */
export function keyPrefixOf(client: IoredisLike): string {
  const options: WatchedOptions = client.options
  return options.keyPrefix || options.redisOptions?.keyPrefix || ''
}
