import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { describeWriting } from './support/describe-writing.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-cli-'))
describeWriting('SQLite', `sqlite:${join(folder, 'metrics.db')}`)
afterAll(() => rmSync(folder, { recursive: true }))
