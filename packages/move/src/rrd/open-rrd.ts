import { checkKeys, invalidOption } from '@kairos/core/driver'
import { type Files, filesIn } from '../listed/files.ts'
import { type ListedCell, listedSource } from '../listed/listed-source.ts'
import { Losses } from '../listed/losses.ts'
import { configOfSteps, intervalOf } from '../listed/steps.ts'
import type { ForeignSource } from '../listed/types.ts'
import { type RrdFile, readRrd } from './rrd-file.ts'

/** How dumps of RRDtool are read. */
export interface RrdOptions {
  /** The consolidation function whose archives are read; default `'AVERAGE'`. */
  readonly cf?: string | undefined
}

/** A data source of a file. */
interface Place {
  readonly path: string
  readonly index: number
}

/**
 * Opens what `rrdtool dump` wrote (XML), to be read like a timeseries of gauges: each span of the archives is an interval, `'300s'`, and each data source a name,
 * `router.in` of `router.xml`. RRDtool knows a row by the end of its span, a cell is known by its start. Values that are not known have no cell. `files` is a folder,
 * a file, or an object of paths by names.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const old = await openRrd('dumps', { cf: 'MAX' })
 * for await (const cell of old.cells({ prefix: 'router.' })) console.log(cell.name, cell.interval, cell.start, cell.value)
 */
export async function openRrd(files: Files, options: RrdOptions = {}): Promise<ForeignSource> {
  checkKeys(options, ['cf'], { owner: 'openRrd' })
  const { cf = 'AVERAGE' } = options
  const places = new Map<string, Place>()
  const spans = new Set<number>()
  const found = new Set<string>()
  for (const [file, path] of await filesIn(files, '.xml')) {
    const { sources, archives } = await readRrd(path)
    for (const archive of archives) {
      found.add(archive.cf)
      if (archive.cf === cf) spans.add(archive.span)
    }
    for (const [index, source] of sources.entries()) places.set(`${file}.${source}`, { path, index })
  }
  if (found.size === 0)
    throw invalidOption({ path: 'files', expected: 'a place with dumps of RRDtool (.xml)', value: files })
  if (spans.size === 0) throw invalidOption({ path: 'cf', expected: `one of ${[...found].join(', ')}`, value: cf })

  // Names of one file follow one another.
  let latest: { readonly path: string; readonly file: Promise<RrdFile> } | undefined
  function fileAt(path: string): Promise<RrdFile> {
    if (latest?.path !== path) latest = { path, file: readRrd(path) }
    return latest.file
  }

  async function* cellsOf(name: string, interval: string): AsyncGenerator<ListedCell> {
    const { path, index } = places.get(name)!
    const own = (await fileAt(path)).archives.filter((each) => each.cf === cf && intervalOf(each.span) === interval)
    // Of several, the longest has the rows of the others.
    const [archive] = own.sort((one, other) => other.rows.length - one.rows.length)
    if (archive === undefined) return
    const { rows, end, span } = archive
    for (const [at, row] of rows.entries()) {
      const value = row[index]
      if (Number.isFinite(value)) yield { start: end - (rows.length - at) * span, value: value! }
    }
  }

  const losses = new Losses()
  return listedSource({ config: configOfSteps('gauge', spans), names: async () => [...places.keys()], cellsOf, losses })
}
