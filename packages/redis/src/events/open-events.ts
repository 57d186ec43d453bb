import type { EventSchema, EventStorage } from '@kairos/core/driver'
import { groupBySlot } from '../connection/group-by-slot.ts'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { shardOf } from '../schema/keys.ts'
import { PAGE } from '../scripts/script.ts'
import { appendScript, countScript, deleteScript, keyAtScript, readScript, streamsScript } from './scripts.ts'

/** Over how many slots the streams of a namespace are spread. It is part of the layout: with another number, stored streams are not found. */
const SHARDS = 256
/** The most events that one call deletes: a millisecond or two of the server's time. */
const DELETED_AT_ONCE = 1_000
const KEY_LENGTH = 32

/**
 * The event streams of one namespace. All keys of a stream are in one slot:
 *
 *     {prefix}events:{shard}:{namespace}             the streams of the shard, a set
 *     {prefix}events:{shard}:{namespace}:{stream}    its events, a sorted set
 *
 * The characters of namespaces and streams have no meaning in a key, so they are not escaped.
 */
export function openEvents(runner: ScriptRunner, prefix: string, { namespace }: EventSchema): EventStorage {
  const registryOf = (shard: number): string => `${prefix}events:{${shard}}:${namespace}`
  const placeOf = (stream: string): { registry: string; key: string } => {
    const registry = registryOf(shardOf(stream, SHARDS))
    return { registry, key: `${registry}:${stream}` }
  }
  return {
    async append(stream, events) {
      const { registry, key } = placeOf(stream)
      const parameters = [stream]
      for (const event of events) parameters.push(event.key, event.body)
      const stored = (await runner.ask(appendScript, [registry, key], parameters)) as Buffer
      return Array.from(stored.toString('latin1'), (digit) => digit === '1')
    },
    async read(stream, { first, last, order, limit, maxLength }) {
      const { key } = placeOf(stream)
      const parameters = [first, last, order, String(limit), String(maxLength)]
      const [done, ...members] = (await runner.ask(readScript, [key], parameters)) as [number, ...Buffer[]]
      const events = members.map((member) => ({
        key: member.toString('latin1', 0, KEY_LENGTH),
        body: member.toString('latin1', KEY_LENGTH),
      }))
      return { events, done: done === 1 }
    },
    async keyAt(stream, { first, last }, index) {
      const { key } = placeOf(stream)
      const found = (await runner.ask(keyAtScript, [key], [first, last, String(index)])) as Buffer | null
      return found === null ? null : found.toString('latin1')
    },
    async count(stream, { first, last }) {
      const { key } = placeOf(stream)
      return (await runner.ask(countScript, [key], [first, last])) as number
    },
    async delete(stream, { first, last }) {
      const { registry, key } = placeOf(stream)
      const parameters = [stream, first, last, String(DELETED_AT_ONCE)]
      for (let deleted = 0; ; ) {
        const count = (await runner.ask(deleteScript, [registry, key], parameters)) as number
        deleted += count
        if (count < DELETED_AT_ONCE) return deleted
      }
    },
    async streams() {
      const registries = Array.from({ length: SHARDS }, (_, shard) => ({ shard, registry: registryOf(shard) }))
      const streams = new Set<string>()
      await Promise.all(
        groupBySlot(registries, runner.client.cluster).map(async (group) => {
          let rest = group.map(({ registry }) => registry)
          for (let place = '0'; ; ) {
            const reply = await runner.ask(streamsScript, rest, [PAGE, place])
            const [cursor, ...names] = reply as [readonly [number, Buffer] | null, ...Buffer[]]
            for (const name of names) streams.add(name.toString('latin1'))
            if (cursor === null) return
            rest = rest.slice(cursor[0])
            place = cursor[1].toString('latin1')
          }
        }),
      )
      return [...streams]
    },
  }
}
