import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'

const LONGEST = 255

/** The namespace of Kronos' own settings. */
export const DEFAULT_NAMESPACES: readonly string[] = ['kronos']

/**
 * Namespaces as a store was given them.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkNamespaces(namespaces: unknown): readonly string[] {
  if (!Array.isArray(namespaces) || namespaces.length === 0) throw invalid(namespaces, 'namespaces')
  for (const [index, namespace] of namespaces.entries()) {
    const fits =
      typeof namespace === 'string' && namespace.isWellFormed() && storedNamespace(namespace).length <= LONGEST
    if (!fits || namespace === '' || namespaces.indexOf(namespace) < index) {
      throw invalid(namespace, `namespaces[${index}]`)
    }
  }
  return [...(namespaces as readonly string[])]
}

/** A namespace as drivers are given it: any text, in their few characters. */
export function storedNamespace(namespace: string): string {
  return encodeURIComponent(namespace).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** @throws KAIROS_UNKNOWN_NAMESPACE */
export function checkNamespace(namespace: unknown, known: readonly string[]): string {
  if (namespace === undefined) return known[0]!
  if (typeof namespace === 'string' && known.includes(namespace)) return namespace
  throw new KairosError(
    'KAIROS_UNKNOWN_NAMESPACE',
    `namespace ${describe(namespace)} is not configured; known: ${known.join(', ')}`,
    typeof namespace === 'string' ? { namespace, known } : { known },
  )
}

function invalid(value: unknown, path: string): KairosError {
  return new KairosError(
    'KAIROS_INVALID_CONFIG',
    `${path} is ${describe(value)}; want a list of different names, each of 1 to ${LONGEST} characters`,
    { path, value },
  )
}
