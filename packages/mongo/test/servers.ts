import { MongoClient } from 'mongodb'

/** A server that tests talk to. */
export interface TestServer {
  readonly name: string
  readonly url: string | undefined
  /** Deletes documents whose `expireAt` has come. */
  readonly expires: boolean
  /** Has sessions and transactions, and recognises a repeated write: a replica set, or a server that acts as one. */
  readonly sessions: boolean
  /** Orders texts by UTF-16 code units, as MongoDB does not. */
  readonly unitOrder: boolean
  /** Accepts an aggregation as an update, as MongoDB does since 4.2: without, there are no summaries. */
  readonly pipelines: boolean
}

const url = process.env.KAIROS_TEST_MONGO_URL

/** Two servers that share no code; KAIROS_TEST_MONGO_URL may replace the first one by a MongoDB, standalone or a replica set. */
export const servers: readonly TestServer[] = [
  {
    name: 'SecantusDB',
    url,
    expires: true,
    sessions: url !== undefined && (await isReplicaSet(url)),
    unitOrder: false,
    pipelines: true,
  },
  {
    name: 'mongo-java-server',
    url: process.env.KAIROS_TEST_MONGO_JAVA_URL,
    expires: false,
    sessions: false,
    unitOrder: true,
    pipelines: false,
  },
]

async function isReplicaSet(url: string): Promise<boolean> {
  const client = new MongoClient(url)
  try {
    return 'setName' in (await client.db('admin').command({ hello: 1 }))
  } finally {
    await client.close()
  }
}

/** The same server by another host, database or parameters. */
export function urlWith(
  url: string,
  {
    host,
    path,
    ...parameters
  }: { readonly host?: string; readonly path?: string; readonly [name: string]: string | undefined },
): string {
  const changed = new URL(url)
  if (host !== undefined) changed.host = host
  if (path !== undefined) changed.pathname = path
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) changed.searchParams.set(name, value)
  return changed.href
}
