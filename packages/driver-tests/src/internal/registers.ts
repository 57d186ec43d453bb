import type { Scalar } from '@kairos/core/driver'

/** That of the usual configuration. */
const PRECISION = 12
const REGISTERS = 2 ** PRECISION

/** Registers that are not 0, of which some are the same for different values: what hashes would be does not matter to a store. */
export function registersOf(values: readonly Scalar[]): Uint8Array {
  const ranks = new Map(values.map((value) => [(Number(value) * 2 * 379) % REGISTERS, 1 + (Number(value) % 50)]))
  return written(new Map([...ranks].map(([index, rank]) => [Math.floor(index), Math.floor(rank)])))
}

/** The greatest rank of each register. */
export function unitedRegisters(values: readonly Uint8Array[]): Uint8Array {
  const united = new Map<number, number>()
  for (const [index, rank] of values.flatMap(read)) united.set(index, Math.max(united.get(index) ?? 0, rank))
  return written(united)
}

function read(bytes: Uint8Array): (readonly [index: number, rank: number])[] {
  const [form, , ...rest] = bytes
  if (form === 2) return rest.flatMap((rank, index) => (rank === 0 ? [] : [[index, rank] as const]))
  return Array.from({ length: rest.length / 3 }, (_, entry) => {
    const [high, low, rank] = rest.slice(entry * 3, entry * 3 + 3) as [number, number, number]
    return [high * 256 + low, rank] as const
  })
}

/** In the form that is shorter. */
function written(ranks: ReadonlyMap<number, number>): Uint8Array {
  if (ranks.size * 3 > REGISTERS) {
    const dense = new Uint8Array(2 + REGISTERS)
    dense.set([2, PRECISION])
    for (const [index, rank] of ranks) dense[2 + index] = rank
    return dense
  }
  const entries = [...ranks].sort(([one], [other]) => one - other)
  return new Uint8Array([1, PRECISION, ...entries.flatMap(([index, rank]) => [index >> 8, index & 255, rank])])
}
