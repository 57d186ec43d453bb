import { clockFinding, type Finding, finding, isAtLeast, type ProbedPlace } from './finding.ts'
import { type Fields, fieldsOf, type RedisClient, type RedisNode, settingOf, withRedis } from './redis-client.ts'
import { keyFindings, PREFIX } from './redis-keys.ts'
import { replicaFindings } from './redis-replicas.ts'

/**
 * Looks at one server: its version, clock, rights, memory, durability, replicas, and at some of its keys. Writes one key of its own, which it deletes.
 * `isOneOf`: it is a part of a cluster, or behind Sentinel, where another takes its place.
 */
async function* serverFindings(client: RedisClient, place: ProbedPlace, isOneOf: boolean): AsyncGenerator<Finding> {
  const info = fieldsOf(await client.call('INFO'))
  const version = info.valkey_version ?? info.redis_version ?? '0'
  yield finding(
    'version',
    isAtLeast(info.redis_version ?? '0', [6, 2]),
    version,
    'update: Kairos needs the commands of Redis 6.2',
  )
  yield* clock(client)
  yield await writing(client)
  yield finding(
    'role',
    info.role !== 'slave',
    info.role ?? 'unknown',
    'connect to the master: a replica refuses writes',
  )
  yield eviction(info)
  const isDurable = info.aof_enabled === '1'
  yield finding(
    'durability',
    isDurable,
    isDurable ? 'append-only file' : 'snapshots only, if any',
    'CONFIG SET appendonly yes, if a crash must not lose what was written since the last snapshot',
  )
  yield persistence(info)
  yield* replicaFindings(info, isOneOf)
  if (isOneOf) yield* cutOff(await settingOf(client, 'min-replicas-to-write'))
  yield* keyFindings(client, place)
}

/** The same of a server that is still to be connected to. Where it fails, what it has found comes first. */
export async function* findingsAt(node: RedisNode, place: ProbedPlace, isOneOf: boolean): AsyncGenerator<Finding> {
  const findings: Finding[] = []
  try {
    await withRedis(node, place.timeout, async (client) => {
      for await (const each of serverFindings(client, place, isOneOf)) findings.push(each)
    })
  } finally {
    yield* findings
  }
}

async function* clock(client: RedisClient): AsyncGenerator<Finding> {
  const before = Date.now() / 1000
  const [seconds, microseconds] = (await client.call('TIME')) as [string, string]
  yield clockFinding(Number(seconds) + Number(microseconds) / 1e6, before, Date.now() / 1000)
}

/** In a cluster, this server has some of the keys only: it says so, and another one is tried. */
const TRIES = 10_000

async function writing(client: RedisClient): Promise<Finding> {
  for (let time = 1; ; time++) {
    const key = `${PREFIX}doctor:${crypto.randomUUID()}`
    try {
      await client.call('EVAL', "redis.call('set', KEYS[1], '1', 'px', 1000) return redis.call('del', KEYS[1])", 1, key)
      return finding('permissions', true, 'scripts may write')
    } catch (error) {
      const { message } = error as Error
      if (message.startsWith('MOVED') && time < TRIES) continue
      return {
        check: 'permissions',
        state: 'fail',
        found: message,
        todo: `allow this user eval, evalsha, time, @read, @write and @keyspace on ~${PREFIX}*`,
      }
    }
  }
}

function persistence({ aof_last_write_status: log, rdb_last_bgsave_status: snapshot }: Fields): Finding {
  const failed = [...(log === 'err' ? ['the append-only file'] : []), ...(snapshot === 'err' ? ['the snapshot'] : [])]
  if (failed.length === 0) return finding('persistence', true, 'the last writes to disk succeeded')
  return {
    check: 'persistence',
    state: 'fail',
    found: `${failed.join(' and ')} could not be written`,
    todo: 'free disk space and check the log of the server: until then it may refuse writes',
  }
}

/** A master that nobody follows any more keeps accepting writes, which are lost when it comes back as a replica. */
function* cutOff(least: string | undefined): Generator<Finding> {
  if (least === undefined) return
  yield finding(
    'cut off',
    Number(least) > 0,
    `min-replicas-to-write ${least}`,
    'CONFIG SET min-replicas-to-write 1, if a master without replicas must refuse writes instead of losing them in a failover',
  )
}

function eviction({ maxmemory, maxmemory_policy, evicted_keys, used_memory }: Fields): Finding {
  const limit = Number(maxmemory ?? 0)
  const evicted = Number(evicted_keys ?? 0)
  const used = limit === 0 ? '' : `, ${Math.round((Number(used_memory) / limit) * 100)} % of maxmemory used`
  const found = `${maxmemory_policy}, ${evicted} evicted${used}`
  if (maxmemory_policy === 'noeviction')
    return finding(
      'eviction',
      Number(used_memory) < 0.9 * limit || limit === 0,
      found,
      'raise maxmemory, or keep fewer steps',
    )
  // Where there is no limit, nothing is evicted yet.
  return finding(
    'eviction',
    false,
    found,
    'CONFIG SET maxmemory-policy noeviction: a policy that evicts keys evicts counts',
  )
}
