import type { CellValue, CellValues, OriginalType } from '@kairos/core/driver'
import type { Codec, Element } from './codecs.ts'

/** Appends a change of each type to what a script is given. `mark` is the field of a packed cell, or the offset before its elements. */
export const appendChange: {
  readonly [Type in OriginalType]: (
    steps: (Element | number)[],
    mark: string,
    change: CellValues[Type],
    codec: Codec,
  ) => void
} = {
  count: (steps, mark, change) => steps.push(mark, String(change)),
  gauge: (steps, mark, change, codec) => steps.push(mark, codec.encode(change)),
  series(steps, mark, change, codec) {
    for (const scalar of change) steps.push(marked(mark, codec.encode(scalar)))
  },
  set(steps, mark, change, codec) {
    for (const scalar of change) steps.push(marked(mark, codec.encode(scalar)))
  },
  histogram(steps, mark, change, codec) {
    for (const [scalar, times] of change) steps.push(marked(mark, codec.encode(scalar)), String(times))
  },
}

/** The elements of a value of a cell. */
export type ElementsOf = (mark: string, value: CellValue) => readonly Element[]

export function elementsFor(type: OriginalType, codec: Codec): ElementsOf {
  return (mark, value) => {
    const elements: Element[] = []
    appendChange[type](elements, mark, value as never, codec)
    // A field comes before its value.
    return type === 'count' || type === 'gauge' ? elements.slice(1) : elements
  }
}

/** Appends a replacement of a cell: see `replaceScripts`. */
export function appendReplacement(
  steps: (Element | number)[],
  mark: string,
  { value, expected }: { readonly value: CellValue | null; readonly expected?: CellValue | null },
  elementsOf: ElementsOf,
): void {
  const wanted = value === null ? '-1' : elementsOf(mark, value)
  const held = expected === undefined ? '-2' : expected === null ? '-1' : elementsOf(mark, expected)
  const lists = [wanted, held]
  steps.push(mark, ...lists.map((list) => (typeof list === 'string' ? list : String(list.length))))
  for (const list of lists) if (typeof list !== 'string') for (const element of list) steps.push(element)
}

function marked(mark: string, value: Element): Element {
  if (mark === '') return value
  return typeof value === 'string' ? mark + value : Buffer.concat([Buffer.from(mark), value])
}
