import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeReading } from './support/describe-reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
describeReading('SQLite', `sqlite:${join(folder, 'metrics.db')}`)
afterAll(() => rmSync(folder, { recursive: true }))
