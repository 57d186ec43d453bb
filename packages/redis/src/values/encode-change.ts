import type { CellValues, TimeseriesType } from '@kairos/core/driver'
import type { Codec, Element } from './codecs.ts'

/** Appends a change of each type to a script's arguments. `mark` is the field of a packed cell, or the offset before its elements. */
export const appendChange: {
  readonly [Type in TimeseriesType]: (
    parameters: Element[],
    mark: string,
    change: CellValues[Type],
    codec: Codec,
  ) => void
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

function marked(mark: string, value: Element): Element {
  if (mark === '') return value
  return typeof value === 'string' ? mark + value : Buffer.concat([Buffer.from(mark), value])
}
