import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { harmless } from '../../src/toolkit/harmless.ts'

const warned: string[] = []
beforeEach(() => {
  warned.length = 0
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(String(warning)))
})
afterEach(() => vi.restoreAllMocks())

it('passes on what it observes, and nothing where there is no observer', () => {
  const seen: unknown[] = []
  harmless('onEvent', (a: number, b: string) => void seen.push(a, b))(1, 'x')
  expect(seen).toEqual([1, 'x'])
  expect(harmless('onEvent', undefined)).toBeUndefined()
  expect(warned).toEqual([])
})

it('warns of what an observer throws, without secrets', () => {
  harmless('onEvent', () => {
    throw new Error('no redis://app:secret@log')
  })()
  expect(warned).toEqual(['onEvent threw: no redis://***@log'])
})

it('warns of what an observer rejects with', async () => {
  harmless('onEvent', async () => Promise.reject(new Error('later')))()
  await expect.poll(() => warned).toEqual(['onEvent threw: later'])
})
