import type { Settings } from '../options.ts'
import { adapt } from './adapt-client.ts'
import type { RedisClientLike } from './check-client.ts'
import { clientFromUrl } from './from-url.ts'
import { ScriptRunner } from './script-runner.ts'
import type { RedisAddress } from './url.ts'

/** The application's client, or where to connect one, which the driver closes. */
export type ClientSource = { readonly client: RedisClientLike } | { readonly address: RedisAddress }

/** What runs scripts through that client. */
export async function connect(source: ClientSource, { timeout, clientConfig }: Settings): Promise<ScriptRunner> {
  const client = 'client' in source ? adapt(source.client) : await clientFromUrl(source.address, timeout, clientConfig)
  return new ScriptRunner(client, timeout)
}
