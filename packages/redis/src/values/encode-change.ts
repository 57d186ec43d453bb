import type { CellValue, CellValues, OriginalType } from '@kairos/core/driver'
import type { Codec, Element } from './codecs.ts'

/** Appends a change of each type to a script's arguments. `mark` is the field of a packed cell, or the offset before its elements. */
export const appendChange: {
  readonly [Type in OriginalType]: (parameters: Element[], mark: string, change: CellValues[Type], codec: Codec) => void
} = {
  count: (parameters, mark, change) => parameters.push(mark, String(change)),
  gauge: (parameters, mark, change, codec) => parameters.push(mark, codec.encode(change)),
  series(parameters, mark, change, codec) {
    for (const scalar of change) parameters.push(marked(mark, codec.encode(scalar)))
  },
  set(parameters, mark, change, codec) {
    for (const scalar of change) parameters.push(marked(mark, codec.encode(scalar)))
  },
  histogram(parameters, mark, change, codec) {
    for (const [scalar, times] of change) parameters.push(marked(mark, codec.encode(scalar)), String(times))
  },
}

/** Appends a replacement of a cell: see `replaceScripts`. */
export function appendReplacement(
  parameters: Element[],
  type: OriginalType,
  mark: string,
  { value, expected }: { readonly value: CellValue | null; readonly expected?: CellValue | null },
  codec: Codec,
): void {
  const elements = [elementsOf(type, mark, value, codec), elementsOf(type, mark, expected, codec)]
  parameters.push(mark, ...elements.map((list) => (typeof list === 'string' ? list : String(list.length))))
  for (const list of elements) if (typeof list !== 'string') for (const element of list) parameters.push(element)
}

function elementsOf(
  type: OriginalType,
  mark: string,
  value: CellValue | null | undefined,
  codec: Codec,
): readonly Element[] | '-1' | '-2' {
  if (value === undefined) return '-2'
  if (value === null) return '-1'
  const elements: Element[] = []
  appendChange[type](elements, mark, value as never, codec)
  // A field comes before its value.
  return type === 'count' || type === 'gauge' ? elements.slice(1) : elements
}

function marked(mark: string, value: Element): Element {
  if (mark === '') return value
  return typeof value === 'string' ? mark + value : Buffer.concat([Buffer.from(mark), value])
}
