import { MongoClient } from 'mongodb'

/** A server that tests talk to. */
export interface TestServer {
  readonly name: string
  readonly url: string | undefined
  /** Deletes documents whose `expireAt` has come. */
  readonly expires: boolean
  /** Has sessions and transactions, and knows a repeated write again: a replica set, or what takes itself for one. */
  readonly sessions: boolean
}

const url = process.env.KAIROS_TEST_MONGO_URL

/** Two that share no code; the first one may as well be a MongoDB, alone or a replica set, by KAIROS_TEST_MONGO_URL. */
export const servers: readonly TestServer[] = [
  { name: 'SecantusDB', url, expires: true, sessions: url !== undefined && (await isReplicaSet(url)) },
  { name: 'mongo-java-server', url: process.env.KAIROS_TEST_MONGO_JAVA_URL, expires: false, sessions: false },
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
