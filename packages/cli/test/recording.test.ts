import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { RECORDING, record } from './support/recording.ts'

it('the recording shows what the commands print: else npm run record', async () => {
  expect(await record()).toBe(readFileSync(join(import.meta.dirname, '../../..', RECORDING), 'utf8'))
})
