import type { CallerPipeline, RedisClient } from '../client.ts'
import { faultOf, NotSent } from '../faults.ts'

/** The calls made on a `Redis` or `Cluster` of ioredis (5 and later) or iovalkey. */
export interface IoredisLike {
  readonly status: string
  readonly options: object
  connect(): Promise<unknown>
  /** `args` are strings and Buffers; not spelled out, as Buffer is not known everywhere. */
  callBuffer(command: string, args: never): Promise<unknown>
  pipeline(): IoredisPipelineLike
  on(event: string, listener: (...values: unknown[]) => void): unknown
  once(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
  disconnect(): void
}

/** The calls made on a pipeline or a `multi()` of ioredis and iovalkey. */
export interface IoredisPipelineLike {
  eval(script: string, keys: number, ...parameters: never[]): unknown
  exec(): Promise<[unknown, unknown][] | null>
}

/** The options of a client that decide whether it sends a command twice. */
interface ResendingOptions {
  readonly keyPrefix?: string
  readonly autoResendUnfulfilledCommands?: boolean
  readonly retryDelayOnFailover?: number
  readonly clusterNodeRetryStrategy?: unknown
  readonly redisOptions?: { readonly keyPrefix?: string; readonly autoResendUnfulfilledCommands?: boolean }
}

export function ioredisClient(client: IoredisLike): RedisClient {
  /** Once the server has refused the database: the client becomes ready all the same, in database 0. */
  let misplaced: unknown
  return {
    cluster: isCluster(client),
    resends: hazardsOf(client).length > 0,
    get ready() {
      return misplaced === undefined && client.status === 'ready'
    },
    async connect() {
      if (misplaced !== undefined) throw misplaced
      await untilReady(client).catch((error: unknown) => {
        if (error instanceof Misplaced) misplaced = error
        throw error
      })
    },
    send(_key, [command, ...rest]) {
      return client.callBuffer(String(command), rest as never)
    },
    async pipeline(_key, queue) {
      const pipeline = client.pipeline()
      queue(pipeline)
      const replies = (await pipeline.exec()) ?? []
      return replies.map(([error, reply]) => error ?? reply)
    },
    async close() {
      // Not quit(): it would wait for a server that does not answer. Nothing of ours is in flight any more.
      client.disconnect()
    },
  }
}

/** The server did not let the client into its database. */
class Misplaced extends NotSent {}

/** A `Cluster` is told by the method that lists its nodes. */
function isCluster(client: object): boolean {
  return 'nodes' in client && typeof client.nodes === 'function'
}

/** What in a client's options makes it send a command again that the server may have run already, as the option to change. */
export function hazardsOf(client: IoredisLike): string[] {
  const options: ResendingOptions = client.options
  if (!isCluster(client))
    return options.autoResendUnfulfilledCommands === false ? [] : ['autoResendUnfulfilledCommands: false']
  const hazards: string[] = []
  if (options.retryDelayOnFailover !== 0) hazards.push('retryDelayOnFailover: 0')
  // Nodes of a cluster reconnect, and resend, only with a strategy of the caller's.
  const reconnects = typeof options.clusterNodeRetryStrategy === 'function'
  if (reconnects && options.redisOptions?.autoResendUnfulfilledCommands !== false)
    hazards.push('redisOptions: { autoResendUnfulfilledCommands: false }')
  return hazards
}

/** The prefix that a client puts before keys, of which a script's other arguments know nothing; '' when none. */
export function keyPrefixOf(client: IoredisLike): string {
  const options: ResendingOptions = client.options
  return options.keyPrefix || options.redisOptions?.keyPrefix || ''
}

function untilReady(client: IoredisLike): Promise<void> {
  if (client.status === 'ready') return Promise.resolve()
  if (client.status === 'end') return Promise.reject(new NotSent('the client is closed', 'never'))
  return new Promise((resolve, reject) => {
    let fault: unknown
    const onReady = (): void => settle(resolve)
    const onError = (error: unknown): void => {
      fault = error
      if (commandOf(error) === 'select')
        settle(() => reject(new Misplaced('the database could not be chosen', 'never', error)))
    }
    const onClose = (): void =>
      settle(() => reject(new NotSent('the connection could not be made', retryOf(fault), fault)))
    const settle = (then: () => void): void => {
      client.off('ready', onReady)
      client.off('error', onError)
      client.off('close', onClose)
      client.off('end', onClose)
      then()
    }
    client.once('ready', onReady)
    client.on('error', onError)
    client.once('close', onClose)
    client.once('end', onClose)
    // What connect() rejects with is told by the events too.
    if (client.status === 'wait') client.connect().catch(() => {})
  })
}

/** Which command a server refused with this error; '' where it was none. */
function commandOf(error: unknown): string {
  const command = (error as { readonly command?: { readonly name?: unknown } } | undefined)?.command
  return typeof command?.name === 'string' ? command.name.toLowerCase() : ''
}

/** Whether another connection may come about: not where the server knows who asks, and says no. */
function retryOf(fault: unknown): 'later' | 'never' {
  const { undone, retry } = faultOf(fault)
  return undone && retry === 'never' ? 'never' : 'later'
}

export function ioredisPipeline(pipeline: IoredisPipelineLike): CallerPipeline {
  return {
    evaluate(script, key, parameters) {
      pipeline.eval(script, 1, ...([key, ...parameters] as never[]))
    },
  }
}
