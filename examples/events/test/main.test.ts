import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

it('stores each event once, continues at its cursor, and counts what was sold', { timeout: 60_000 }, async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=@kairos/source', main])
  expect(stdout).toContain('the same event twice: 1 stored, then 0 stored\n')
  const [before, after] = stdout.split('… and later:\n')
  expect(before!.match(/^2024-\S+ \w+$/gm)).toHaveLength(4)
  expect(after!.match(/^2024-\S+ \w+$/gm)).toHaveLength(7)
  expect(after).toContain('11 events counted:\n  bread 5\n  milk 2\n  tea 4\n')
})
