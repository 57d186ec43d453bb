import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Capabilities, StorageDriver } from '@kairos/core/driver'
import { inTurn, readJson, replaceJson } from './files.ts'
import { createStore } from './store.ts'

const capabilities: Capabilities = {
  expiry: { series: 'sweep', histogram: 'sweep', count: 'sweep', gauge: 'sweep', set: 'sweep' },
  fractionalCounts: true,
  exactlyOnce: false,
  customFetch: false,
  writeOptions: [],
  readOptions: [],
}

/** Keeps timeseries in a folder of JSON files, one for each name. Only one process may use a folder at a time. */
export function jsonFilesDriver(root: string): StorageDriver {
  return {
    spec: 1,
    id: 'jsonfiles',
    capabilities,
    open(schema, { replace = {} } = {}) {
      const folder = join(resolve(root), schema.type)
      const path = join(folder, 'records.json')
      return inTurn(path, async () => {
        await mkdir(folder, { recursive: true })
        // A `Map`, since an interval may have any name.
        let found = await readJson<{ schema: string; intervals: Map<string, string> }>(path)
        if (found !== null && found.schema === replace.schema) {
          await rm(folder, { recursive: true })
          await mkdir(folder)
          found = null
        }
        const store = createStore(folder, schema)
        const intervals = new Map(found?.intervals)
        for (const [interval, { record }] of Object.entries(schema.intervals)) {
          const known = intervals.get(interval)
          // Compared, not just replaced: another timeseries may have been faster.
          if (known !== undefined && known !== replace.intervals?.[interval]) continue
          if (known !== undefined) await store.sweep!({ [interval]: Number.POSITIVE_INFINITY }, null)
          intervals.set(interval, record)
        }
        const records = { schema: found?.schema ?? schema.record, intervals }
        await replaceJson(path, records)
        return { store, records: { ...records, intervals: Object.fromEntries(intervals) } }
      })
    },
    async close() {},
  }
}

/** What `createTimeseries` calls for `jsonfiles:data` and `jsonfiles:/var/data`. */
export function driverFromUrl(url: string): StorageDriver {
  return jsonFilesDriver(url.slice('jsonfiles:'.length))
}
