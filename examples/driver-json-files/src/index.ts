import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KairosError } from '@kairos/core'
import { type Capabilities, checkType, failedStore, pathOfUrl, type StorageDriver, slugOf } from '@kairos/core/driver'
import { cellsIn } from './cells.ts'
import { inTurn } from './files.ts'
import { placeOf, readRecords, record } from './records.ts'
import { createStore } from './store.ts'

const capabilities: Capabilities = {
  expiry: { series: 'sweep', histogram: 'sweep', count: 'sweep', gauge: 'sweep', set: 'sweep' },
  fractionalCounts: true,
  exactlyOnce: false,
  returning: true,
  replace: { atomic: true, expected: true },
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
      checkType(schema, 'jsonfiles')
      // What only a later Kairos knows must not be stored as something else.
      if (!VALUE_TYPES.includes(schema.valueType))
        throw new KairosError('KAIROS_UNSUPPORTED', `jsonfiles knows no ${schema.valueType}`, { feature: 'valueType' })
      const place = schema.name === undefined ? schema.type : `${schema.type}.${slugOf(schema.name, 100)}`
      const folder = join(resolve(root), place)
      return inTurn(folder, async () => {
        await mkdir(folder, { recursive: true }).catch((cause) => {
          throw failedStore(`cannot make the folder ${folder}`, 'never', cause)
        })
        const cells = cellsIn(folder, schema.type)
        const records = await record(folder, schema, cells, options)
        const store = createStore(folder, Object.keys(schema.intervals), cells, records)
        return { store, records: placeOf(records).records }
      })
    },
    async discover() {
      const folders = (await readdir(root).catch(() => [])).map((place) => join(root, place))
      const found = await Promise.all(folders.map(readRecords))
      return found.filter((records) => records !== null).map(placeOf)
    },
    async close() {},
  }
}

/** What `createTimeseries` calls for `jsonfiles:data` and `jsonfiles:/var/data`. */
export function driverFromUrl(url: string): StorageDriver {
  return jsonFilesDriver(pathOfUrl(url))
}
