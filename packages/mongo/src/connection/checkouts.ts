import type { MongoClientLike } from './client.ts'

/** How many connections a client has handed out to its requests: a request that got none was never sent. */
export interface Checkouts {
  readonly count: number
}

const byClient = new WeakMap<object, Checkouts>()

/** Counts from the first call on, with one listener for each client; undefined if the client emits no events. */
export function checkoutsOf(client: Pick<MongoClientLike, 'on'> | undefined): Checkouts | undefined {
  if (client?.on === undefined) return undefined
  const known = byClient.get(client)
  if (known !== undefined) return known
  const checkouts = { count: 0 }
  client.on('connectionCheckedOut', () => {
    checkouts.count++
  })
  byClient.set(client, checkouts)
  return checkouts
}
