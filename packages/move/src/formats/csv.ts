/** A record of a CSV: its fields, or why it cannot be read. */
export interface CsvRecord {
  readonly raw: string
  readonly fields: readonly string[]
  readonly fault?: string
}

/**
 * Reads CSV (RFC 4180) piece by piece. Fields may hold quotes that they do not begin with. A record that breaks the rules is given out with its fault,
 * and reading continues with the next line: a parser that stops, or takes the rest of the file for one field, would lose what is good.
 */
export class CsvScanner {
  readonly #delimiter: string
  #raw = ''
  #fields: string[] = []
  #field = ''
  #place: 'start' | 'plain' | 'quoted' | 'closed' | 'skipped' = 'start'
  #fault: string | undefined

  constructor(delimiter: string) {
    this.#delimiter = delimiter
  }

  /** How much is kept of a record that has not ended. */
  get pending(): number {
    return this.#raw.length
  }

  /** The records that end in this piece. */
  *add(piece: string): Generator<CsvRecord> {
    for (const character of piece) {
      if (character === '\n' && this.#place !== 'quoted') {
        yield* this.#finished()
        continue
      }
      this.#raw += character
      this.#take(character)
    }
  }

  /** The last record, if it does not end in a line break. */
  *end(): Generator<CsvRecord> {
    if (this.#place === 'quoted') this.#fault = 'a quote is not closed'
    yield* this.#finished()
  }

  #take(character: string): void {
    if (this.#place === 'quoted') {
      if (character === '"') this.#place = 'closed'
      else this.#field += character
    } else if (this.#place === 'skipped') return
    else if (character === this.#delimiter) this.#next()
    else if (this.#place === 'closed') {
      if (character === '"') {
        this.#field += '"'
        this.#place = 'quoted'
      } else if (character !== '\r') {
        this.#fault = `a closing quote must end its field, not be followed by ${JSON.stringify(character)}`
        this.#place = 'skipped'
      }
    } else if (character === '"' && this.#place === 'start') this.#place = 'quoted'
    else {
      this.#field += character
      this.#place = 'plain'
    }
  }

  #next(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#place = 'start'
  }

  *#finished(): Generator<CsvRecord> {
    if (this.#place === 'plain') this.#field = this.#field.replace(/\r$/, '')
    this.#next()
    const raw = this.#raw.replace(/\r$/, '')
    const fields = this.#fields
    const fault = this.#fault
    this.#raw = ''
    this.#fields = []
    this.#fault = undefined
    if (raw !== '') yield { raw, fields, ...(fault !== undefined && { fault }) }
  }
}
