import type { RedisClient, ScriptPipeline } from './client.ts'
import { retryOfConnection } from './failures.ts'
import { NotSent } from './lost-answers.ts'

/** The calls made on a client of node-redis (5 and later): `createClient`. */
export interface NodeRedisLike {
  readonly isOpen: boolean
  readonly isReady: boolean
  sendCommand(command: readonly (string | Uint8Array)[], options?: object): Promise<unknown>
  multi(): NodeRedisMultiLike
  once(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}

/** The calls made on a client of node-redis (5 and later): `createCluster`. */
export interface NodeRedisClusterLike {
  readonly isOpen: boolean
  readonly isReady: boolean
  readonly masters: readonly unknown[]
  sendCommand(
    key: string | undefined,
    readOnly: boolean | undefined,
    command: (string | Uint8Array)[],
    options?: object,
  ): Promise<unknown>
  multi(routing?: string): NodeRedisMultiLike
  once(event: string, listener: (...values: unknown[]) => void): unknown
  off(event: string, listener: (...values: unknown[]) => void): unknown
}

/** The calls made on a `multi()` of node-redis. */
export interface NodeRedisMultiLike {
  /** `options` are `{ keys, arguments }`, of strings and Buffers; not spelled out, since TypeScript does not see it as a method, and not every project has the type Buffer. */
  eval(script: string, options: never): unknown
  execAsPipeline(): Promise<unknown[]>
}

/** The type byte of strings in RESP, under which node-redis takes the class to return them as. */
const STRINGS_AS_BYTES = { typeMapping: { 36: Buffer } }

/** node-redis rejects commands that were in flight when a connection ended, and does not resend them. */
export function nodeRedisClient(client: NodeRedisLike): RedisClient {
  return {
    ...lifetimeOf(client),
    cluster: false,
    send: (_key, command) => client.sendCommand(command, STRINGS_AS_BYTES),
    pipeline: (_key, queue) => execute(client.multi(), queue),
    get ready() {
      return client.isReady
    },
  }
}

export function nodeRedisCluster(client: NodeRedisClusterLike): RedisClient {
  return {
    ...lifetimeOf(client),
    cluster: true,
    send: (key, command) => client.sendCommand(key, false, [...command], STRINGS_AS_BYTES),
    pipeline: (key, queue) => execute(client.multi(key), queue),
    get ready() {
      return client.isReady
    },
  }
}

function lifetimeOf(
  client: NodeRedisLike | NodeRedisClusterLike,
): Pick<RedisClient, 'resends' | 'trouble' | 'connect' | 'close'> {
  return {
    resends: false,
    trouble: undefined,
    connect: () => untilReady(client),
    // It always belongs to the application, which closes it: for URLs the driver uses ioredis.
    close: async () => {},
  }
}

function untilReady(client: NodeRedisLike | NodeRedisClusterLike): Promise<void> {
  if (client.isReady) return Promise.resolve()
  if (!client.isOpen) {
    return Promise.reject(
      new NotSent('the client is closed; with node-redis, call its connect() before the first use', 'never'),
    )
  }
  return new Promise((resolve, reject) => {
    const onReady = (): void => settle(resolve)
    const onError = (error: unknown): void =>
      settle(() => reject(new NotSent('the connection could not be made', retryOfConnection(error), error)))
    const settle = (then: () => void): void => {
      client.off('ready', onReady)
      client.off('error', onError)
      then()
    }
    client.once('ready', onReady)
    client.once('error', onError)
  })
}

async function execute(multi: NodeRedisMultiLike, queue: (pipeline: object) => void): Promise<readonly unknown[]> {
  queue(multi)
  try {
    return await multi.execAsPipeline()
  } catch (error) {
    // If single commands failed, node-redis rejects with all replies, including the errors.
    if (error instanceof Error && 'replies' in error && Array.isArray(error.replies)) return error.replies
    throw error
  }
}

export function nodeRedisPipeline(multi: NodeRedisMultiLike): ScriptPipeline {
  return {
    evaluate(script, keys, parameters) {
      multi.eval(script, { keys: [...keys], arguments: [...parameters] } as never)
    },
  }
}
