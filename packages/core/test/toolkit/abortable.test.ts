import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { abortable } from '../../src/driver.ts'

it('is the promise itself where nothing can abort it', () => {
  const promise = Promise.resolve(1)
  expect(abortable(promise, undefined)).toBe(promise)
})

it('settles as the promise does, and leaves no listener behind', async () => {
  const { signal } = new AbortController()
  let listeners = 0
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners++
    add(...parameters)
  }
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    listeners--
    remove(...parameters)
  }
  expect(await abortable(Promise.resolve(1), signal)).toBe(1)
  await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  await setImmediate()
  expect(listeners).toBe(0)
})

it('rejects with the reason at once, before or in the middle; what comes later is swallowed', async () => {
  const { promise: work, reject } = Promise.withResolvers<void>()
  await expect(abortable(work, AbortSignal.abort('before'))).rejects.toBe('before')
  const controller = new AbortController()
  const waiting = abortable(work, controller.signal)
  controller.abort('middle')
  await expect(waiting).rejects.toBe('middle')
  reject(new Error('later'))
  await setImmediate()
})
