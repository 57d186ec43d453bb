import { invalidOption, messageOf, once, withoutSecrets } from '@kairos/core/driver'
import { DEFAULT_DATABASE, type MongoDriverOptions, TIMEOUT } from '../options.ts'
import type { MongoClientLike, MongoModule } from './client.ts'
import type { Connector } from './connection.ts'
import { answerWithin, NoAnswerError } from './deadline.ts'

/** So that a missing server is noticed before core's patience ends, even if an answer may take longer. In milliseconds. */
const SELECTION = 5_000

/**
 * Makes a client when it first connects, and closes it.
 * @throws KAIROS_INVALID_CONFIG
 */
export function connectorFromUrl(url: string, options: MongoDriverOptions): Connector {
  const match = /^mongodb(?:\+srv)?:\/\/[^/?]+(?:\/([^?]*))?/i.exec(url)
  if (match === null) {
    throw invalidOption({
      driver: 'mongo',
      path: 'store',
      expected: 'a URL such as mongodb://host/database or mongodb+srv://host/database',
      value: withoutSecrets(url),
    })
  }
  const database = options.database ?? (decoded(match[1] ?? '') || DEFAULT_DATABASE)
  const { timeout = TIMEOUT } = options
  let client: MongoClientLike | undefined
  return {
    connect: once(async () => {
      const { connectClient, createConnection, loadModule } = await import('./connection.ts')
      const module = await loadModule()
      const made = clientOf(module, url, options)
      try {
        await connectClient(made, options)
      } catch (error) {
        // A client that could not connect once stays closed: the next attempt makes another.
        await closeClient(made, timeout).catch(() => {})
        throw error
      }
      client = made
      return createConnection(module, made.db(database), made, options)
    }),
    async close() {
      const closing = client
      client = undefined
      if (closing !== undefined) await closeClient(closing, timeout)
    },
  }
}

function decoded(database: string): string {
  try {
    return decodeURIComponent(database)
  } catch {
    throw invalidOption({
      driver: 'mongo',
      path: 'store',
      expected: 'a URL whose database is percent-encoded UTF-8',
      value: database,
      remedy: 'spell a "%" as "%25"',
    })
  }
}

function clientOf({ MongoClient }: MongoModule, url: string, options: MongoDriverOptions): MongoClientLike {
  try {
    return new MongoClient(url, clientOptions(url, options))
  } catch (error) {
    throw invalidOption({
      driver: 'mongo',
      path: 'store',
      expected: 'a URL that MongoClient accepts, together with clientConfig',
      value: withoutSecrets(url),
      remedy: withoutCredentialsOf(url, messageOf(error)),
    })
  }
}

/** The client's message about a URL may repeat parts of it. */
function withoutCredentialsOf(url: string, text: string): string {
  const credentials = /\/\/(.*)@/.exec(url)?.[1] ?? ''
  const secrets = [credentials, ...credentials.split(':')].filter((secret) => secret !== '')
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, '…'), text)
}

/** The time limits of the client that a URL creates, except those that the URL or `clientConfig` sets. */
function clientOptions(url: string, { clientConfig = {}, timeout = TIMEOUT }: MongoDriverOptions): object {
  const limits = {
    serverSelectionTimeoutMS: Math.min(SELECTION, timeout),
    connectTimeoutMS: timeout,
    socketTimeoutMS: timeout,
    waitQueueTimeoutMS: timeout,
  }
  const defaults = Object.entries(limits).filter(([key]) => !new RegExp(`[?&]${key}=`, 'i').test(url))
  return { ...Object.fromEntries(defaults), ...clientConfig }
}

/** Closing ends the client's sessions on the server; a server that does not answer is not waited for. */
async function closeClient(client: MongoClientLike, timeout: number): Promise<void> {
  try {
    await answerWithin(timeout, () => client.close())
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error
  }
}
