import { createReadStream } from 'node:fs'
import { invalidOption, messageOf } from '@kairos/core/driver'

/** The rows of one archive: the averages, or the greatest, … of spans of this many seconds. */
interface RrdArchive {
  readonly cf: string
  /** In seconds. */
  readonly span: number
  /** When its newest row ends, in Unix seconds. */
  readonly end: number
  /** Oldest first; a value for each data source, NaN where it is not known. */
  readonly rows: readonly (readonly number[])[]
}

/** What a dump of RRDtool holds. */
export interface RrdFile {
  readonly sources: readonly string[]
  readonly archives: readonly RrdArchive[]
}

/** Loaded by a name that the compiler does not follow: its types do not compile with exact optional properties. */
const SAXES: string = 'saxes'

interface Saxes {
  readonly SaxesParser: new (options: {
    readonly fileName: string
  }) => {
    on(event: 'opentag', listener: (tag: { readonly name: string }) => void): void
    on(event: 'text', listener: (text: string) => void): void
    on(event: 'closetag', listener: () => void): void
    on(event: 'error', listener: (error: Error) => void): void
    write(text: string): unknown
    close(): unknown
  }
}

/** The texts that are needed, by the names of the elements that they are in. */
const TEXTS = [
  'rrd/step',
  'rrd/lastupdate',
  'rrd/ds/name',
  'rrd/rra/cf',
  'rrd/rra/pdp_per_row',
  'rrd/rra/database/row/v',
]

/**
 * Reads what `rrdtool dump` wrote, piece by piece.
 * @throws KAIROS_INVALID_CONFIG where it is something else
 */
export async function readRrd(path: string): Promise<RrdFile> {
  const { SaxesParser } = (await import(SAXES)) as Saxes
  const reader = new RrdReader()
  const parser = new SaxesParser({ fileName: path })
  let text = ''
  const open: string[] = []
  parser.on('opentag', ({ name }) => {
    open.push(name)
    text = ''
    reader.open(open.join('/'))
  })
  parser.on('text', (piece) => {
    text += piece
  })
  parser.on('closetag', () => {
    const place = open.join('/')
    open.pop()
    if (TEXTS.includes(place)) reader.text(place, text.trim())
    else reader.close(place)
  })
  try {
    parser.on('error', (error) => {
      throw error
    })
    for await (const piece of createReadStream(path, 'utf8')) parser.write(piece)
    parser.close()
    return reader.file
  } catch (error) {
    const remedy = messageOf(error)
    throw invalidOption({ path: 'files', expected: 'what rrdtool dump wrote', value: path, remedy })
  }
}

class RrdReader {
  readonly #sources: string[] = []
  readonly #archives: RrdArchive[] = []
  #step = Number.NaN
  #updated = Number.NaN
  #archive = { cf: '', rows: [] as number[][], span: Number.NaN }
  #row: number[] = []

  get file(): RrdFile {
    if (!(this.#step > 0 && Number.isInteger(this.#updated))) throw new Error('it has no step, or no lastupdate')
    return { sources: this.#sources, archives: this.#archives }
  }

  open(place: string): void {
    if (place === 'rrd/rra') this.#archive = { cf: '', rows: [], span: Number.NaN }
    if (place === 'rrd/rra/database/row') this.#row = []
  }

  text(place: string, text: string): void {
    if (place === 'rrd/step') this.#step = Number(text)
    else if (place === 'rrd/lastupdate') this.#updated = Number(text)
    else if (place === 'rrd/ds/name') this.#sources.push(text)
    else if (place === 'rrd/rra/cf') this.#archive.cf = text
    else if (place === 'rrd/rra/pdp_per_row') this.#archive.span = Number(text) * this.#step
    else this.#row.push(Number(text))
  }

  close(place: string): void {
    if (place === 'rrd/rra/database/row') this.#archive.rows.push(this.#row)
    if (place !== 'rrd/rra') return
    const { cf, span, rows } = this.#archive
    if (!(span > 0)) throw new Error('an archive has no pdp_per_row')
    // A row is known by the end of its span.
    this.#archives.push({ cf, span, rows, end: this.#updated - (this.#updated % span) })
  }
}
