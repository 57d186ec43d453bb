import type { Finding, Probe } from './finding.ts'
import { redisAddressOf } from './redis-address.ts'
import { withRedis } from './redis-client.ts'
import { serverFindings } from './redis-server.ts'

/** Looks at a Redis server. */
export const probeRedis: Probe = async function* (url, place) {
  const [node] = redisAddressOf(url).nodes
  const findings: Finding[] = []
  try {
    await withRedis(node!, place.timeout, async (client) => {
      for await (const each of serverFindings(client, place, false)) findings.push(each)
    })
  } finally {
    // What it has found until it fails.
    yield* findings
  }
}
