import { entriesOf } from '../entries.ts'

/** Under this key, `cells` is asked for what it reads at a time instead of single cells. */
export const WINDOWS: unique symbol = Symbol('windows')

/**
 * The cells of a timeseries as they are read, some at a time: of millions, a promise for each takes longer than the cell. Of anything else that reads
 * like a timeseries they come one by one.
 * @example `for await (const cells of cellWindows(views, { names: ['home'] })) console.log(cells.length)`
 */
export async function* cellWindows(
  source: Source,
  options: object,
): AsyncGenerator<readonly unknown[], void, undefined> {
  const windows = source.cells({ ...options, [WINDOWS]: true } as never)
  if (isOwn(windows)) yield* windows as AsyncIterable<readonly unknown[]>
  // What somebody has put around a timeseries might pass the key on, and get what it does not expect.
  else for await (const cell of source.cells(options as never)) yield [cell]
}

/** Whatever has cells: the types of timeseries cost the compiler much. */
interface Source {
  cells(options: never): AsyncIterable<unknown>
}

/** Whether it comes from core itself. Nothing is read before the first of it is asked for. */
function isOwn(windows: AsyncIterable<unknown>): boolean {
  return Object.prototype.isPrototypeOf.call(entriesOf.prototype, windows)
}
