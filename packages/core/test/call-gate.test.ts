import { expect, it } from 'vitest'
import { CallGate } from '../src/calls.ts'
import { failureOf } from './support/failure.ts'

it('closing twice waits twice, for the same calls', async () => {
  const calls = new CallGate('closed')
  calls.enter('memory')
  const closed = Promise.all([calls.close(), calls.close()])
  await failureOf(() => calls.enter('memory'), 'KAIROS_CLOSED')
  expect(calls.ended.aborted).toBe(false)
  calls.leave()
  await closed
  expect(calls.ended.aborted).toBe(true)
  await calls.close()
})
