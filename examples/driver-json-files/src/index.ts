import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Capabilities, checkSchema, failedStore, pathOfUrl, type StorageDriver, slugOf } from '@kairos/core/driver'
import { inTurn, readJson, replaceJson } from './files.ts'
import { placeOf, record, type Saved } from './records.ts'
import { createStore } from './store.ts'

const capabilities: Capabilities = {
  expiry: { series: 'sweep', histogram: 'sweep', count: 'sweep', gauge: 'sweep', set: 'sweep' },
  fractionalCounts: true,
  exactlyOnce: false,
  replace: { atomic: true, expected: true },
  customFetch: false,
  writeOptions: [],
  readOptions: [],
}

/** Keeps timeseries in a folder of JSON files. Only one process may use a folder at a time. */
export function jsonFilesDriver(folder: string): StorageDriver {
  const root = resolve(folder)
  return {
    spec: 1,
    id: 'jsonfiles',
    capabilities,
    async open(schema, options = {}) {
      // What only a later Kairos knows must not be stored as something else.
      checkSchema(schema, 'jsonfiles')
      const place = schema.name === undefined ? schema.type : `${schema.type}.${slugOf(schema.name, 100)}`
      const path = join(root, `${place}.json`)
      return inTurn(path, async () => {
        await mkdir(root, { recursive: true }).catch((cause) => {
          throw failedStore(`cannot make the folder ${root}`, 'never', cause)
        })
        const saved = record(await readJson<Saved>(path), schema, options)
        await replaceJson(path, saved)
        return { store: createStore(path, schema, saved), records: placeOf(saved).records }
      })
    },
    async discover() {
      const files = (await readdir(root).catch(() => [])).filter((file) => file.endsWith('.json'))
      const found = await Promise.all(files.map((file) => readJson<Saved>(join(root, file))))
      return found.filter((saved) => saved !== null).map(placeOf)
    },
    async close() {},
  }
}

/** What `createTimeseries` calls for `jsonfiles:data` and `jsonfiles:/var/data`. */
export function driverFromUrl(url: string): StorageDriver {
  return jsonFilesDriver(pathOfUrl(url))
}
