import { inspect } from 'node:util'
import { expect, it, vi } from 'vitest'
import { storeError, withDetails } from '../src/error-details.ts'
import { KairosError } from '../src/index.ts'

it('carries its code, its details and its cause', () => {
  const cause = new Error('first')
  const error = new KairosError('KAIROS_STORE_FAILED', 'write failed', { driver: 'redis', stored: 3 }, cause)
  expect(error).toBeInstanceOf(Error)
  expect({ ...error }).toEqual({ code: 'KAIROS_STORE_FAILED', driver: 'redis', stored: 3 })
  expect([error.name, error.message, error.cause]).toEqual(['KairosError', 'write failed', cause])
  expect('cause' in new KairosError('KAIROS_CLOSED', 'closed')).toBe(false)
  expect(inspect(error)).toContain('write failed')
})

it('is also an instance of the class of the client error that its cause carries, with its fields', () => {
  class ClientError extends Error {
    readonly labels = new Set(['transient'])
    override readonly name: string = 'ClientError'
    hasLabel(label: string): boolean {
      return this.labels.has(label)
    }
  }
  const cause = Object.assign(new Error('conflict'), { retry: 'later', clientError: new ClientError('conflict') })
  const error = storeError('KAIROS_STORE_FAILED', 'write failed', { driver: 'mongo' }, cause)
  for (const each of [error, withDetails(error, { stored: 0 })]) {
    expect(each).toBeInstanceOf(KairosError)
    expect(each).toBeInstanceOf(ClientError)
    expect([each.name, each.message, each.code]).toEqual(['KairosError', 'write failed', 'KAIROS_STORE_FAILED'])
    expect((each as unknown as ClientError).hasLabel('transient')).toBe(true)
    expect(Object.keys(each)).not.toContain('labels')
  }
  expect(storeError('KAIROS_CLOSED', 'closed', {}, undefined)).not.toBeInstanceOf(ClientError)
})

it('is known across two installed copies of core', async () => {
  vi.resetModules()
  const copy = await import('../src/errors.ts')
  const other = new copy.KairosError('KAIROS_CLOSED', 'closed', { driver: 'memory' })
  expect(copy.KairosError).not.toBe(KairosError)
  expect(other instanceof KairosError).toBe(true)
  expect(KairosError.is(other)).toBe(true)
  expect(copy.KairosError.is(new KairosError('KAIROS_CLOSED', 'closed'))).toBe(true)
  const more = withDetails(other, { stored: 1 })
  expect(more).toMatchObject({ code: 'KAIROS_CLOSED', message: 'closed', driver: 'memory', stored: 1 })
})

it.each([null, undefined, 5, 'KAIROS_CLOSED', {}, new Error('x'), { code: 'KAIROS_CLOSED' }])(
  '%o is not one',
  (value) => {
    expect(KairosError.is(value)).toBe(false)
  },
)
