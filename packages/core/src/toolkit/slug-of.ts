import { hashText } from './hash-text.ts'

/**
 * The name of a timeseries as a part of an identifier: lower-case letters, digits and `_`, at most `maxLength` characters (at least 20). A name that
 * is one already stays as it is; any other gets a hash, so that two names never share one, whatever a store folds or cuts.
 * @example `slugOf('Views.v2', 40) // 'views_v2_0a1b2c3d…'`
 */
export function slugOf(name: string, maxLength: number): string {
  if (/^[a-z][a-z0-9_]*$/.test(name) && name.length <= maxLength && !HASHED.test(name)) return name
  // 64 bits: two hashes of 32, of the name and of the name turned around.
  const hash = [name, [...name].reverse().join('')].map((text) => hashText(text).toString(16).padStart(8, '0')).join('')
  const readable = name.toLowerCase().replace(/[^a-z0-9_]/g, '_')
  return `${readable.slice(0, maxLength - hash.length - 1)}_${hash}`
}

/** What looks like a slug with a hash gets a hash too: it could be the slug of another name. */
const HASHED = /_[0-9a-f]{16}$/
