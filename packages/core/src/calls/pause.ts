import { abortable } from './abortable.ts'

/**
 * Resolves after the given milliseconds. Rejects with the signal's reason if that aborts first, and leaves no timer behind.
 * @example `await pause(50, options?.signal)`
 */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const elapsed = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds)
  })
  return abortable(elapsed, signal).finally(() => clearTimeout(timer))
}
