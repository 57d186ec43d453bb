import { KairosError } from '@kairos/core'
import { importPeer, invalidOption, isRecord } from '@kairos/core/driver'

/** Sends one command to Redis. */
export type SendCommand = (command: readonly string[]) => Promise<unknown>

interface Opened {
  readonly send: SendCommand
  close(): Promise<void>
}

interface IoRedis {
  call(command: string, ...rest: readonly string[]): Promise<unknown>
  quit(): Promise<unknown>
}

/**
 * A URL of Redis, opened, or the caller's client of ioredis or node-redis; undefined: it is neither.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_DRIVER_MISSING, KAIROS_STORE_FAILED
 */
export async function openRedis(store: unknown): Promise<Opened | undefined> {
  if (typeof store === 'string') return /^rediss?:/.test(store) ? redisAt(store) : undefined
  const isClient = typeof store === 'object' && store !== null && ('call' in store || 'sendCommand' in store)
  return isClient ? redisClient(store) : undefined
}

function redisClient(client: object): Opened {
  if ('isCluster' in client && client.isCluster === true)
    throw invalidOption({
      path: 'store',
      expected: 'a client of one server',
      value: 'a cluster',
    })
  // ioredis puts it before the keys of commands, but leaves it in those that it finds.
  if ('options' in client && isRecord(client.options) && client.options.keyPrefix)
    throw invalidOption({
      path: 'store',
      expected: 'a client without keyPrefix',
      value: client.options.keyPrefix,
      remedy: 'write the prefix into the keys',
    })
  const send: SendCommand =
    'call' in client
      ? ([command, ...rest]) => (client as IoRedis).call(command!, ...rest)
      : (command) => (client as { sendCommand(command: readonly string[]): Promise<unknown> }).sendCommand(command)
  return { send, close: async () => {} }
}

/** A client of ioredis for a URL. */
async function redisAt(url: string): Promise<Opened> {
  const scheme = new URL(url).protocol.slice(0, -1)
  const module = (await importPeer({ package: 'ioredis', scheme, from: import.meta.url })) as {
    readonly Redis: new (
      url: string,
      options: object,
    ) => IoRedis & { connect(): Promise<unknown>; on(event: string, listener: () => void): unknown }
  }
  const client = new module.Redis(url, { lazyConnect: true, maxRetriesPerRequest: 3, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
  } catch (error) {
    throw new KairosError(
      'KAIROS_STORE_FAILED',
      'the Redis server of the old data must be reachable',
      { driver: 'redis' },
      error,
    )
  }
  return { send: redisClient(client).send, close: async () => void (await client.quit()) }
}

/** All keys that begin with a prefix; some may come twice. */
export async function* scanKeys(send: SendCommand, prefix: string): AsyncGenerator<string> {
  // Where a prefix has signs of a pattern, all keys are looked at: servers differ in how such signs are escaped.
  const match = /^[A-Za-z0-9:_. -]+$/.test(prefix) ? ['MATCH', `${prefix}*`] : []
  let cursor = '0'
  do {
    const [next, keys] = (await send(['SCAN', cursor, ...match, 'COUNT', '1000'])) as [unknown, unknown[]]
    cursor = String(next)
    for (const key of keys) if (String(key).startsWith(prefix)) yield String(key)
  } while (cursor !== '0')
}
