import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import { replay, scenarios } from './support/replay.ts'
import { type Served, serve } from './support/served.ts'

const namespaces = ['kronos', 'namespace1', 'namespace2']
const folder = mkdtempSync(join(tmpdir(), 'kairos-events-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

for (const source of ['memory:', `sqlite:${join(folder, 'events.db')}`]) {
  describe(`what the original answered, on ${source.split(':')[0]}`, () => {
    const servers = new Map<string, Promise<Served>>()
    const serverIn = (mode: 'all' | 'collector'): Promise<Served> => {
      const known = servers.get(mode)
      const served = known ?? serve(source, { namespaces }, { mode, cors: true })
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
}
