import type { StorageDriver } from '@kairos/core'
import { describe, it } from 'vitest'
import { replay, scenarios } from './support/replay.ts'
import { type Served, serve } from './support/served.ts'
import { servedDrivers } from './support/stores.ts'

const namespaces = ['kronos', 'namespace1', 'namespace2']

describe.each(servedDrivers)('what the original responded, on %s', (_name, create) => {
  const driver: StorageDriver = create()
  const servers = new Map<string, Promise<Served>>()
  const serverIn = (mode: 'all' | 'collector'): Promise<Served> => {
    const served = servers.get(mode) ?? serve(driver, { namespaces }, { mode, cors: true })
    servers.set(mode, served)
    return served
  }
  for (const scenario of scenarios) {
    it(scenario.name, async () => {
      const { url, store } = await serverIn(scenario.mode)
      await replay(url, scenario, store.id)
    })
  }
})
