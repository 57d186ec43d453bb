import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'

/** The parsed file; null if it does not exist. */
export async function readJson<T>(path: string): Promise<T | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  return text === undefined ? null : JSON.parse(text, revive)
}

/** Replaces a file. A rename is atomic: readers see the old file or the new one, and a failure changes nothing. */
export async function replaceJson(path: string, value: unknown): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  await writeFile(aside, JSON.stringify(value, spell))
  await rename(aside, path)
}

const turns = new Map<string, Promise<unknown>>()

/** Runs changes to a file one after another. Only within this process: others have their own turns. */
export function inTurn<T>(path: string, work: () => Promise<T>): Promise<T> {
  const turn = (turns.get(path) ?? Promise.resolve()).then(work, work)
  turns.set(path, turn)
  return turn
}

/** What JSON cannot express becomes an object with one key; scalars are never objects, so nothing else looks like it. */
function spell(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (value instanceof Set) return { $set: [...value] }
  return value instanceof Map ? { $map: [...value] } : value
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  if ('$bigint' in value) return BigInt(value.$bigint as string)
  if ('$bytes' in value) return new Uint8Array(Buffer.from(value.$bytes as string, 'base64'))
  if ('$set' in value) return new Set(value.$set as unknown[])
  return '$map' in value ? new Map(value.$map as [unknown, unknown][]) : value
}
