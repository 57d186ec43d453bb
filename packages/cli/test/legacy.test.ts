import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { writeSqliteSamples } from '../../move/test/support/legacy-stores.ts'
import { describeLegacy } from './support/describe-legacy.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
beforeAll(() => writeSqliteSamples(join(folder, 'python.db')))
afterAll(() => rmSync(folder, { recursive: true }))

describeLegacy('sqlite', () => `sqlite:${join(folder, 'python.db')}`)
