import { importPeer } from '@kairos/core/driver'

/** What is used of a client of ioredis. */
export interface RedisClient {
  call(command: string, ...parameters: readonly (string | number)[]): Promise<unknown>
}
interface Client extends RedisClient {
  connect(): Promise<void>
  on(event: 'error', listener: () => void): unknown
  disconnect(): void
}
interface Ioredis {
  readonly Redis: new (options: object) => Client
}

/** One server, and who asks it. */
export interface RedisNode {
  readonly host: string
  readonly port: number
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly db?: number
  readonly tls?: object
}

/** Connects to one server for as long as it is asked; each request takes at most `timeout` milliseconds. */
export async function withRedis<Result>(
  node: RedisNode,
  timeout: number,
  use: (client: RedisClient) => Promise<Result>,
): Promise<Result> {
  const { Redis } = (await importPeer({ package: 'ioredis', scheme: 'redis', from: import.meta.url })) as Ioredis
  const client = new Redis({
    ...node,
    lazyConnect: true,
    connectTimeout: timeout,
    commandTimeout: timeout,
    maxRetriesPerRequest: 0,
    retryStrategy: null,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await use(client)
  } finally {
    client.disconnect()
  }
}

export type Fields = Readonly<Record<string, string | undefined>>

/** The lines `field:value` of `INFO` and its like. */
export function fieldsOf(info: unknown): Fields {
  const lines = String(info).matchAll(/^([a-z_0-9]+):(.*?)\r?$/gm)
  return Object.fromEntries(Array.from(lines, ([, key, value]) => [key!, value!]))
}

/** What `CONFIG GET` says of a setting; undefined where this user may not ask, or there is no such setting. */
export async function settingOf(client: RedisClient, name: string): Promise<string | undefined> {
  try {
    const [, value] = (await client.call('CONFIG', 'GET', name)) as string[]
    return value
  } catch {
    return undefined
  }
}
