import type { CellValue, OriginalType, Scalar } from '@kairos/core/driver'
import { type Codec, type Element, toNumber } from './codecs.ts'
import { Damaged } from './damaged.ts'

/** The elements of a chunk, whether a script has joined them or not. */
export function elementsOf(content: Buffer | readonly Buffer[]): readonly Element[] {
  if (!Buffer.isBuffer(content)) return content
  return content.length === 0 ? [] : content.toString('latin1').split(' ')
}

/** Makes the value of a cell of each type from its elements, in the order of Redis. */
const values: Readonly<Record<OriginalType, (elements: readonly Element[], codec: Codec) => CellValue>> = {
  series: (elements, codec) => elements.map(codec.decode),
  set: (elements, codec) => new Set(elements.map(codec.decode)),
  histogram(elements, codec) {
    const counts = new Map<Scalar, number>()
    for (let index = 0; index < elements.length; index += 2)
      counts.set(codec.decode(elements[index]!), toNumber(elements[index + 1]!))
    return counts
  },
  count: ([element]) => toNumber(element!),
  gauge: ([element], codec) => codec.decode(element!),
}

export function cellValue(type: OriginalType, elements: readonly Element[], codec: Codec): CellValue {
  return values[type](elements, codec)
}

/** How many elements make one entry: in a histogram, each value is followed by its count. */
const width = (type: OriginalType): number => (type === 'histogram' ? 2 : 1)

/**
 * The elements of a bucket with a resolution, grouped by the offset before each of them, which is removed. `limit` is above all offsets.
 * @throws Damaged
 */
export function byOffset(type: OriginalType, elements: readonly Element[], limit: number): Map<number, Element[]> {
  const step = width(type)
  const filed = new Map<number, Element[]>()
  for (let index = 0; index < elements.length; index += step) {
    const [offset, rest] = withoutOffset(elements[index]!)
    if (!(Number.isInteger(offset) && offset >= 0 && offset < limit))
      throw new Damaged(
        `an element must begin with an offset below ${limit} and a colon, not ${JSON.stringify(String(elements[index]).slice(0, 100))}`,
      )
    let list = filed.get(offset)
    if (list === undefined) {
      list = []
      filed.set(offset, list)
    }
    list.push(rest)
    if (step === 2) list.push(elements[index + 1]!)
  }
  return filed
}

function withoutOffset(element: Element): [number, Element] {
  if (typeof element === 'string') {
    const colon = element.indexOf(':')
    return [offsetOf(element.slice(0, Math.max(colon, 0))), element.slice(colon + 1)]
  }
  const colon = element.indexOf(':')
  return [offsetOf(element.toString('latin1', 0, Math.max(colon, 0))), element.subarray(colon + 1)]
}

function offsetOf(text: string): number {
  return text === '' ? Number.NaN : Number(text)
}
