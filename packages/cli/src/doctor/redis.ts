import type { Probe } from './finding.ts'
import { redisAddressOf } from './redis-address.ts'
import { findingsAt } from './redis-server.ts'

/** Looks at a Redis server. */
export const probeRedis: Probe = async function* (url, place) {
  const [node] = redisAddressOf(url).nodes
  yield* findingsAt(node!, place, false)
}
