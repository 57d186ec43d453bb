import { spawnSync } from 'node:child_process'
import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { describeDriver } from '../src/index.ts'

/** Runs a file with Node's own test runner. */
function runNodeTest(file: string): {
  exit: number | null
  passed: number
  skipped: number
  failed: string[]
  output: string
} {
  const path = `${import.meta.dirname}/fixtures/${file}`
  const options = ['--conditions=@kairos/source', '--test', '--test-reporter=tap']
  // The variable that tells a test file that a runner started it would silence node:test.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(process.execPath, [...options, path], { encoding: 'utf8', env })
  const failed = [...stdout.matchAll(/^ {8}not ok \d+ - (.*)$/gm)].map(([, title = '']) => title)
  const passed = Number(/^# pass (\d+)$/m.exec(stdout)?.[1])
  const skipped = Number(/^# skipped (\d+)$/m.exec(stdout)?.[1])
  return { exit: status, passed, skipped, failed, output: stdout + stderr }
}

describe('under node:test', () => {
  it('the memory driver passes every test', { timeout: 300_000 }, () => {
    let tests = 0
    const runner = { describe: (_title: string, body: () => void) => body(), it: () => tests++, after: () => {} }
    describeDriver({ runner, create: () => memoryDriver(), shared: false, size: 'short' })
    const { exit, passed, skipped, failed, output } = runNodeTest('memory.ts')
    expect(failed, output.slice(-2_000)).toEqual([])
    expect({ exit, passed: passed + skipped }).toEqual({ exit: 0, passed: tests })
    // Tests that need several processes, or a store that does not answer.
    expect(skipped).toBeGreaterThan(3)
  })

  it('a broken driver fails the run, and names its tests', { timeout: 300_000 }, () => {
    const { exit, failed } = runNodeTest('broken.ts')
    expect(exit).toBe(1)
    expect(failed).toContain('merge: count: a cell that sums to 0 exists')
    expect(failed.filter((title) => !title.includes('count'))).toEqual([])
  })
})
