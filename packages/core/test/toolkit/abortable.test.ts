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
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(listeners).toBe(0)
})

it('rejects with the reason at once, before or in the middle; what comes later is swallowed', async () => {
  const work = new Promise((_resolve, reject) => setTimeout(() => reject(new Error('later')), 10))
  await expect(abortable(work, AbortSignal.abort('before'))).rejects.toBe('before')
  const controller = new AbortController()
  const waiting = abortable(work, controller.signal)
  controller.abort('middle')
  await expect(waiting).rejects.toBe('middle')
  await new Promise((resolve) => setTimeout(resolve, 20))
})
