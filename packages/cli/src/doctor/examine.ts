import { KairosError } from '@kairos/core'
import { messageOf } from '@kairos/core/driver'
import type { Call } from '../command.ts'
import { isKnown, knownIntervals, labelsOf } from '../stores/found.ts'
import { missingFile } from '../stores/missing-file.ts'
import { open } from '../stores/opened.ts'
import { atPlace, type Place } from '../stores/place.ts'
import { foundOpenings } from '../stores/with-timeseries.ts'
import { type Finding, finding, type Probe, type ProbedPlace } from './finding.ts'

/** By the scheme of a URL. Each loads its client when it is asked. */
const PROBES: Readonly<Record<string, () => Promise<Probe>>> = {
  sqlite: async () => (await import('./sqlite.ts')).probeSqlite,
  redis: async () => (await import('./redis.ts')).probeRedis,
  rediss: async () => (await import('./redis.ts')).probeRedis,
  'redis+cluster': async () => (await import('./redis-cluster.ts')).probeRedisCluster,
  'redis+sentinel': async () => (await import('./redis-sentinel.ts')).probeRedisSentinel,
  postgres: async () => (await import('./postgres.ts')).probePostgres,
  postgresql: async () => (await import('./postgres.ts')).probePostgres,
  mysql: async () => (await import('./mysql.ts')).probeMysql,
  mariadb: async () => (await import('./mysql.ts')).probeMysql,
  mongodb: async () => (await import('./mongo.ts')).probeMongo,
  'mongodb+srv': async () => (await import('./mongo.ts')).probeMongo,
  cassandra: async () => (await import('./cassandra.ts')).probeCassandra,
  cql: async () => (await import('./cassandra.ts')).probeCassandra,
}
const TIMEOUT = 10_000
/** In milliseconds: a connection that takes longer makes the first call of every process slow. */
const SLOW = 1_000

/** Looks at a store: what is wrong, and what to do. Changes nothing that Kairos stores. */
export async function* examine(url: string, call: Pick<Call, 'flags' | 'signal'>): AsyncGenerator<Finding> {
  const missing = missingFile(url)
  if (missing !== undefined) {
    const todo = 'check the path; the first write creates the file'
    yield { check: 'file', state: 'fail', found: `there is no ${missing}`, todo }
    return
  }
  const begun = performance.now()
  try {
    const findings = await atPlace(url, call, async (place) => {
      const took = Math.round(performance.now() - begun)
      const connection = finding(
        'connection',
        took < SLOW,
        `${took} ms to connect and look`,
        'check the network between this machine and the store',
      )
      return [connection, ...(await lookAt(place, call.signal)), ...(await probed(url, place, call))]
    })
    yield* findings
  } catch (error) {
    if (call.signal.aborted) throw error
    yield { check: 'connection', state: 'fail', found: messageOf(error), todo: remedyOf(error) }
  }
}

function remedyOf(error: unknown): string {
  if (!KairosError.is(error)) return 'see the message'
  if (error.code === 'KAIROS_DRIVER_MISSING') return 'install what is missing in this folder, or beside the command'
  if (error.code === 'KAIROS_INVALID_CONFIG') return 'correct the URL'
  return 'check that the store runs at this address, that a firewall lets this machine in, and its user and password'
}

/** Each timeseries: whether this version knows it, and whether it opens. */
async function lookAt(place: Place, signal: AbortSignal): Promise<Finding[]> {
  const labels = labelsOf(place.found)
  const findings = [
    finding('timeseries', labels.length > 0, labels.length === 0 ? 'none' : labels.join(', '), 'check the place'),
  ]
  for (const opening of foundOpenings(place)) {
    const check = `timeseries ${opening.label}`
    if (opening.config === null) {
      findings.push(finding(check, false, 'created by a later version', 'update Kairos here'))
      continue
    }
    try {
      await open(opening, ({ timeseries }) => timeseries.open({ signal }))
      findings.push(finding(check, true, 'opens as recorded'))
    } catch (error) {
      findings.push({ check, state: 'fail', found: messageOf(error) })
    }
  }
  return findings
}

async function probed(
  url: string,
  place: Place,
  { flags: { patience = TIMEOUT } }: Pick<Call, 'flags'>,
): Promise<Finding[]> {
  const scheme = /^[a-z0-9+]+/i.exec(url)![0].toLowerCase()
  const load = PROBES[scheme]
  if (load === undefined) return []
  const findings: Finding[] = []
  try {
    const probe = await load()
    for await (const each of probe(url, { kept: keptOf(place), timeout: patience })) findings.push(each)
  } catch (error) {
    findings.push(
      finding(
        'server',
        false,
        `cannot be asked: ${messageOf(error)}`,
        'give this user the right to ask, or check it yourself',
      ),
    )
  }
  return findings
}

function keptOf({ found }: Place): ProbedPlace['kept'] {
  return new Map(
    found
      .filter(isKnown)
      .map((each) => [
        each.name === undefined ? each.type! : `${each.type}.${each.name}`,
        Object.fromEntries(knownIntervals(each).map(([name, { steps }]) => [name, steps ?? null])),
      ]),
  )
}
