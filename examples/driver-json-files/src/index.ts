import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Capabilities, failedStore, pathOfUrl, type StorageDriver } from '@kairos/core/driver'
import { Cells } from './cells.ts'
import { inTurn } from './files.ts'
import { record } from './records.ts'
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
    open(schema, options = {}) {
      const folder = join(resolve(root), schema.type)
      return inTurn(folder, async () => {
        await mkdir(folder, { recursive: true }).catch((cause) => {
          throw failedStore(`cannot make the folder ${folder}`, 'never', cause)
        })
        const cells = new Cells(folder, schema.type)
        const records = await record(folder, schema, cells, options)
        return {
          store: createStore(folder, schema, cells),
          records: { ...records, intervals: Object.fromEntries(records.intervals) },
        }
      })
    },
    async close() {},
  }
}

/** What `createTimeseries` calls for `jsonfiles:data` and `jsonfiles:/var/data`. */
export function driverFromUrl(url: string): StorageDriver {
  return jsonFilesDriver(pathOfUrl(url))
}
