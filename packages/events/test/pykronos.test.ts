import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startBreakingProxy } from './support/breaking-proxy.ts'
import { serve } from './support/served.ts'
import { servedDrivers } from './support/stores.ts'

const execute = promisify(execFile)

// Run only where KAIROS_TEST_PYKRONOS names a Python 2.7 with pykronos 0.6.2 (vitest.config.ts): its path.
const python = process.env.KAIROS_TEST_PYKRONOS ?? ''

describe('pykronos 0.6.2', () => {
  it.each(servedDrivers)(
    'works with a server on %s',
    async (_name, create) => {
      const { url, server } = await serve(create(), { namespaces: ['kronos', 'other'] })
      const proxy = await startBreakingProxy(server, { after: 500_000, times: 5 })
      const trial = new URL('./pykronos/trial.py', import.meta.url).pathname
      const { stdout } = await execute(python, [trial, url, proxy.url])
      expect(stdout.trim().split('\n')).toHaveLength(21)
      expect(proxy.cuts).toBe(5)
      await proxy.close()
    },
    120_000,
  )
})
