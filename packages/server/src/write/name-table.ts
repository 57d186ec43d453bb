/** Of the bytes of a name: here, and as a text. */
const COPIES = 3
/** Bytes of a name that is empty, and of what is known of it. */
const OVERHEAD = 400
/** Of names with one hash. More are made on purpose. */
const MOST_WITH_ONE_HASH = 8

/** A name that is known. */
export interface KnownName<T> {
  readonly bytes: Uint8Array
  readonly value: T
  /** The name that came after it, when that was looked up last. */
  follower: KnownName<T> | undefined
}

interface Entry<T> extends KnownName<T> {
  readonly next: Entry<T> | undefined
}

/** Another one in each process, so that names with one hash cannot be made elsewhere. */
export const SEED: number = Math.floor(Math.random() * 2 ** 30)

/** The hash of bytes, continued by one byte (FNV-1a). Begins with `SEED`. */
export function mixed(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}

/** The hash of all bytes of a name. */
export function hashOf(bytes: Uint8Array): number {
  let hash = SEED
  for (let at = 0; at < bytes.length; at++) hash = mixed(hash, bytes[at]!)
  return hash
}

/** What is known of names, found by their bytes: most lines have a name that came before, and need no text of it. */
export class NameTable<T> {
  readonly #most: number
  readonly #make: (bytes: Buffer) => T
  readonly #entries = new Map<number, Entry<T>>()
  /** By who sends them. */
  #last = new WeakMap<object, KnownName<T>>()
  #bytes = 0

  /** Holds names of about this many bytes, with what is known of them; when it is full it is emptied. */
  constructor(most: number, make: (bytes: Buffer) => T) {
    this.#most = most
    this.#make = make
  }

  find(bytes: Buffer, start: number, end: number, hash: number): KnownName<T> {
    const key = hash & 0x3fffffff
    const first = this.#entries.get(key)
    for (let entry = first; entry !== undefined; entry = entry.next) {
      if (isSame(entry.bytes, bytes, start, end)) return entry
    }
    return this.#add(Buffer.from(bytes.subarray(start, end)), key, first)
  }

  /** The last name of a sender. It is kept here, so that a sender who is silent keeps nothing of a table that was emptied. */
  lastOf(sender: object): KnownName<T> | undefined {
    return this.#last.get(sender)
  }

  setLast(sender: object, name: KnownName<T>): void {
    this.#last.set(sender, name)
  }

  #add(bytes: Buffer, key: number, first: Entry<T> | undefined): Entry<T> {
    const value = this.#make(bytes)
    if (this.#bytes >= this.#most) {
      this.#entries.clear()
      this.#last = new WeakMap()
      this.#bytes = 0
    }
    const next = lengthOf(first) < MOST_WITH_ONE_HASH && this.#entries.has(key) ? first : undefined
    const entry = { bytes: new Uint8Array(bytes), value, follower: undefined, next }
    this.#entries.set(key, entry)
    this.#bytes += bytes.length * COPIES + OVERHEAD
    return entry
  }
}

/** Whether the bytes from one place to another are those of a known name. */
export function isSame(known: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const length = end - start
  if (known.length !== length) return false
  for (let at = 0; at < length; at++) if (known[at] !== bytes[start + at]) return false
  return true
}

function lengthOf<T>(first: Entry<T> | undefined): number {
  let length = 0
  for (let entry = first; entry !== undefined; entry = entry.next) length++
  return length
}
