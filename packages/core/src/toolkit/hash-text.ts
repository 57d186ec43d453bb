/**
 * A 32-bit hash of a text, the same in every process: FNV-1a (Fowler, Noll, Vo) over its UTF-16 code units.
 * @example `const shard = hashText(name) % shards`
 */
export function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash >>> 0
}
