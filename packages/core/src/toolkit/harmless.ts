import { messageOf } from '../internal/message-of.ts'
import { warn } from '../internal/warn.ts'

/**
 * A callback that only observes: what it throws, or rejects with, becomes a process warning and changes nothing else. `name` says in the warning
 * which callback it was; undefined stays undefined.
 * @example `const onRetry = harmless('onRetry', config.onRetry)`
 */
export function harmless<Observer extends ((...observed: never[]) => void) | undefined>(
  name: string,
  observer: Observer,
): Observer
export function harmless(
  name: string,
  observer: ((...observed: unknown[]) => unknown) | undefined,
): ((...observed: unknown[]) => void) | undefined {
  if (observer === undefined) return undefined
  const report = (error: unknown): void => warn(`${name} threw: ${messageOf(error)}`, 'KAIROS_CALLBACK_FAILED')
  return (...observed) => {
    try {
      // To the compiler, an async function returns nothing.
      const returned = observer(...observed)
      if (returned instanceof Promise) returned.catch(report)
    } catch (error) {
      report(error)
    }
  }
}
