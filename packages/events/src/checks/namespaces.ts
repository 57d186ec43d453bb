import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { invalidOption } from './errors.ts'

const LONGEST = 255

/** The namespace of Kronos' own settings. */
export const DEFAULT_NAMESPACES: readonly string[] = ['kronos']

/**
 * Checks the namespaces that a store is configured with.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkNamespaces(namespaces: unknown): readonly string[] {
  if (!Array.isArray(namespaces) || namespaces.length === 0) {
    throw invalidOption({ path: 'namespaces', expected: 'a list of one or more names', value: namespaces })
  }
  for (const [index, namespace] of namespaces.entries()) {
    const fits =
      typeof namespace === 'string' && namespace.isWellFormed() && encodeNamespace(namespace).length <= LONGEST
    if (!fits || namespace === '' || namespaces.indexOf(namespace) < index) {
      throw invalidOption({
        path: `namespaces[${index}]`,
        expected: `a name of 1 to ${LONGEST} characters that is listed once`,
        value: namespace,
      })
    }
  }
  return [...(namespaces as readonly string[])]
}

/** A namespace as drivers get it: any text, in the few characters that they take. */
export function encodeNamespace(namespace: string): string {
  return encodeURIComponent(namespace).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/**
 * Checks that a namespace is configured, and returns it; undefined is the default one.
 * @throws KAIROS_UNKNOWN_NAMESPACE
 */
export function checkNamespace(namespace: unknown, known: readonly string[]): string {
  if (namespace === undefined) return known[0]!
  if (typeof namespace === 'string' && known.includes(namespace)) return namespace
  throw new KairosError(
    'KAIROS_UNKNOWN_NAMESPACE',
    `namespace ${describe(namespace)} is not configured; known: ${known.join(', ')}`,
    typeof namespace === 'string' ? { namespace, known } : { known },
  )
}
