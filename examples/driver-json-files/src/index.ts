import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KairosError } from '@kairos/core'
import { type Capabilities, checkType, failedStore, pathOfUrl, type StorageDriver } from '@kairos/core/driver'
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

const VALUE_TYPES = 'float int int64 decimal string text boolean blob date time datetime inet'.split(' ')

/** Keeps timeseries in a folder of JSON files, one for each name. Only one process may use a folder at a time. */
export function jsonFilesDriver(root: string): StorageDriver {
  return {
    spec: 1,
    id: 'jsonfiles',
    capabilities,
    async open(schema, options = {}) {
      checkType(schema.type, 'jsonfiles')
      // What only a later Kairos knows must not be stored as something else.
      if (!VALUE_TYPES.includes(schema.valueType))
        throw new KairosError('KAIROS_UNSUPPORTED', `jsonfiles knows no ${schema.valueType}`, { feature: 'valueType' })
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
