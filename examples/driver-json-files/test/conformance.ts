import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { describeDriver } from '@kairos/driver-tests'
import { jsonFilesDriver } from '../src/index.ts'

const root = mkdtempSync(join(tmpdir(), 'jsonfiles-'))
after(() => rmSync(root, { recursive: true }))

describeDriver({
  runner: { describe, it, after },
  name: 'jsonfiles',
  create: ({ place }) => jsonFilesDriver(join(root, place)),
  // A folder inside a file cannot be made.
  unreachable: () => jsonFilesDriver(join(import.meta.filename, 'nowhere')),
})
