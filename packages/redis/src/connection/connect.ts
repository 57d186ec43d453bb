import type { Settings } from '../options.ts'
import { adapt } from './adapt-client.ts'
import type { RedisClientLike } from './check-client.ts'
import { clientFromUrl } from './from-url.ts'
import { ScriptRunner } from './script-runner.ts'
import type { RedisAddress } from './url.ts'

/** Runs scripts through the application's client, or one that it makes for an address. */
export async function connect(
  store: { readonly address: RedisAddress } | { readonly client: RedisClientLike },
  { timeout, clientConfig }: Settings,
): Promise<ScriptRunner> {
  const client = 'client' in store ? adapt(store.client) : await clientFromUrl(store.address, timeout, clientConfig)
  return new ScriptRunner(client, timeout)
}
