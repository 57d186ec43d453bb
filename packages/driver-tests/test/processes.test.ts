import { memoryDriver } from '@kairos/core'
import { expect, it } from 'vitest'
import { messageOf, record } from './recorder.ts'

const together = 'concurrency: 3 processes write the same cells, and nothing is lost or doubled'
const killed = 'concurrency: what a process has acknowledged is there for another, and stays when it is killed'
const execArgv = ['--conditions=@kairos/source']

async function failureWith(module: URL | string, title = together): Promise<string> {
  const processes = { module, execArgv, env: { KAIROS_TEST_SAYS: 'no store today' } }
  const results = await record({
    create: () => memoryDriver(),
    shared: false,
    processes,
    only: (each) => each === title,
  })
  return messageOf(results, title) ?? 'it passes'
}

it('writes from other processes, which this one then looks for', async () => {
  // Each process has a memory of its own, so that nothing of it is here.
  const message = await failureWith(new URL('fixtures/own-memory.ts', import.meta.url))
  expect(message).toMatch(/^the values in a cell of shared one in writers minute:\n {2}got {6}\[\]\n/)
})

it('looks for what another process has acknowledged while that one goes on', async () => {
  const message = await failureWith(new URL('fixtures/own-memory.ts', import.meta.url), killed)
  expect(message).toMatch(/^\d+ writes were acknowledged to another process, and series in killed minute shows 0$/)
})

it('tells what a process said that failed', async () => {
  const message = await failureWith(new URL('fixtures/failing.ts', import.meta.url).href)
  expect(message).toMatch(/^the process of writer \d ended with 1:/)
  expect(message).toContain('no store today')
  const early = await failureWith(new URL('fixtures/failing.ts', import.meta.url).href, killed)
  expect(early).toMatch(/^the process that writes ended by itself with 1:\n.*no store today/s)
})
