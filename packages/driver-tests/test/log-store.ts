import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import { memoryDriver } from '@kairos/core'
import type { OpenOptions, StorageDriver, StoreSchema } from '@kairos/core/driver'
import type { CreateRequest } from '../src/options.ts'

/** What is lost when a process closes its last driver: nothing, everything, or the ids of batches. */
export type Forgets = 'nothing' | 'everything' | 'ids'

/** A call that changed something, with the schema that its store was opened with. */
interface Entry {
  readonly schema: Omit<StoreSchema, 'intervals'> & { readonly intervals: Readonly<Record<string, unknown>> }
  readonly options: OpenOptions
  readonly call?: readonly [method: 'write' | 'delete' | 'sweep', args: readonly unknown[]]
}

/** A store of one process at a time: the memory driver, and a file for each place with all that has changed it, which the next process repeats. */
export function logStore(folder: string, forgets: Forgets): (request: CreateRequest) => Promise<StorageDriver> {
  const open = new Map<string, { readonly memory: Promise<StorageDriver>; users: number }>()
  return async ({ place }) => {
    const file = join(folder, place)
    const shared = open.get(place) ?? { memory: forgets === 'everything' ? empty() : repeated(file, forgets), users: 0 }
    open.set(place, shared)
    shared.users++
    const memory = await shared.memory
    return {
      ...memory,
      async open(schema, { replace, oldestLive } = {}) {
        const options = { ...(replace && { replace }), ...(oldestLive && { oldestLive }) }
        const entry = { schema: plain(schema as StoreSchema), options }
        const { store, records } = await memory.open(schema, options)
        log(file, entry)
        const logged = (['write', 'delete', 'sweep'] as const).map((method) => [
          method,
          async (...args: readonly unknown[]) => {
            const answer = await (store[method] as (...args: readonly unknown[]) => Promise<unknown>)(...args)
            // Without the options of the call, which a file cannot hold.
            log(file, { ...entry, options: {}, call: [method, args.slice(0, method === 'sweep' ? 2 : 1)] })
            return answer
          },
        ])
        return { store: { ...store, ...Object.fromEntries(logged) }, records }
      },
      async close() {
        if (--shared.users > 0 || forgets === 'everything') return
        open.delete(place)
        await memory.close()
      },
    }
  }
}

const empty = async (): Promise<StorageDriver> => memoryDriver()

async function repeated(file: string, forgets: Forgets): Promise<StorageDriver> {
  const memory = memoryDriver()
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  for (const line of lines) {
    const { schema, options, call } = deserialize(Buffer.from(line, 'base64')) as Entry
    const { store } = await memory.open(schema as StoreSchema, options)
    if (call === undefined) continue
    const [method, [first, ...rest]] = call
    const given = method === 'write' && forgets === 'ids' ? { ...(first as object), id: undefined } : first
    await (store[method] as (...args: readonly unknown[]) => Promise<unknown>)(given, ...rest)
  }
  return memory
}

function log(file: string, entry: Entry): void {
  appendFileSync(file, `${serialize(entry).toString('base64')}\n`)
}

/** What a file can hold of it: no functions, which the memory driver does not use. */
function plain(schema: StoreSchema): Entry['schema'] {
  const intervals = Object.entries(schema.intervals).map(([name, { record, hasResolution, fanOut }]) => [
    name,
    { record, hasResolution, fanOut },
  ])
  return { ...schema, intervals: Object.fromEntries(intervals) }
}
