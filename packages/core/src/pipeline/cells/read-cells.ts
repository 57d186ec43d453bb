import type { Cell } from '../../api/cells.ts'
import type { AnyShape } from '../../api/shape.ts'
import { aborted } from '../../calls/retry.ts'
import { createYielder } from '../../calls/yielder.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { type Interval, type Settings, startsOfCell } from '../../settings.ts'
import { shiftBucket } from '../../time/calculator.ts'
import { type Fields, optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf } from '../call-plan.ts'
import type { Context } from '../context.ts'
import type { Windows } from '../read-ahead.ts'
import { intervalOf, stretchOf } from '../selected.ts'
import { WINDOWS } from './cell-windows.ts'
import { chosenNames } from './chosen-names.ts'
import { cursorWriter, parseCursor } from './cursor.ts'
import { dataTeller } from './told-cell.ts'
import { type FoundCell, type Selection, windowsOf } from './windows.ts'

const OPTIONS = ['names', 'prefix', 'intervals', 'start', 'end', 'after', ...CALL_OPTIONS]

type ReadCell = Cell<AnyShape>

/** All cells in the order of interval, name and bucket, window by window; with the key of `cellWindows`, each window is one entry. */
export async function readCells(context: Context, options: unknown): Promise<Windows<ReadCell | readonly ReadCell[]>> {
  const { driver, settings } = context
  const { readOptions } = driver.capabilities
  const fields = optionsOf(options, OPTIONS, readOptions)
  const plan = callPlanOf(fields, readOptions)
  const { signal } = plan.callOptions
  const tell = cellReader(settings)
  const areWindows = WINDOWS in fields
  const windows = windowsOf(context, plan, selectionOf(context, fields))
  if (signal?.aborted) throw aborted(signal)
  return {
    async next() {
      const { value, done } = await windows.next()
      if (done) return null
      return [areWindows ? [value.map(tell)] : told(value, tell)]
    },
    turn: createYielder(),
    checkSignal() {
      if (signal?.aborted) throw aborted(signal)
    },
  }
}

function* told(cells: Iterable<FoundCell>, tell: (cell: FoundCell) => ReadCell): Generator<ReadCell> {
  for (const cell of cells) yield tell(cell)
}

function cellReader(settings: Settings): (cell: FoundCell) => ReadCell {
  const intervals = new Map(settings.intervals.map((interval) => [interval.name, interval]))
  const data = dataTeller(settings)
  const cursorOf = cursorWriter()
  return (cell) => {
    const { name, interval, bucket, resolutionBucket, value } = cell
    const own = intervals.get(interval)!
    return {
      name,
      interval,
      ...startsOfCell(own, bucket, resolutionBucket),
      value: data(value) as ReadCell['value'],
      expires: expiryOf(own, bucket),
      cursor: cursorOf(cell),
    }
  }
}

function expiryOf({ buckets, steps }: Interval, bucket: number): number | null {
  return steps === null ? null : buckets.startOf(shiftBucket(buckets, bucket, steps))
}

function selectionOf(context: Context, fields: Fields): Selection {
  const { settings } = context
  const { intervals } = fields
  return {
    ...chosenNames(context, fields),
    intervals: intervals === undefined ? settings.intervals : chosen(settings, intervals),
    stretch: stretchOf(fields.start, fields.end),
    after: parseCursor(fields.after),
    operation: 'cells',
  }
}

/** In the order of the configured ones, each once. */
function chosen(settings: Settings, intervals: unknown): readonly Interval[] {
  if (!Array.isArray(intervals))
    throw invalidOption('intervals', `intervals must be a list of names, not ${describe(intervals)}`)
  const wanted = new Set(intervals.map((name) => intervalOf(settings, name)))
  return settings.intervals.filter((interval) => wanted.has(interval))
}
