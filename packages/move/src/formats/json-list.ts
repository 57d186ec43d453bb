import { KairosError } from '@kairos/core'

/** Finds the elements of one JSON list by their brackets, piece by piece, without parsing them. */
export class JsonListScanner {
  #place: 'before' | 'inside' | 'after' = 'before'
  #element = ''
  #depth = 0
  #inString = false
  #escaped = false

  /** How much is kept of an element that has not ended. */
  get pending(): number {
    return this.#element.length
  }

  /**
   * The texts of the elements that end in this piece.
   * @throws KAIROS_INVALID_VALUE for what is not one list
   */
  *add(piece: string): Generator<string> {
    let from = 0
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at]!
      if (this.#place !== 'inside') {
        if (this.#opens(character)) from = at + 1
      } else if (this.#ends(character)) {
        const text = (this.#element + piece.slice(from, at)).trim()
        this.#element = ''
        from = at + 1
        if (character === ']') this.#place = 'after'
        if (text !== '' || character === ',') yield text
      }
    }
    if (this.#place === 'inside') this.#element += piece.slice(from)
  }

  /** @throws KAIROS_INVALID_VALUE where the list has not ended */
  end(): void {
    if (this.#place !== 'after') throw notAList(this.#place, 'the end')
  }

  #opens(character: string): boolean {
    if (/\s/.test(character)) return false
    if (this.#place !== 'before' || character !== '[') throw notAList(this.#place, JSON.stringify(character))
    this.#place = 'inside'
    return true
  }

  /** Whether an element ends here. */
  #ends(character: string): boolean {
    if (this.#inString) {
      if (this.#escaped) this.#escaped = false
      else if (character === '\\') this.#escaped = true
      else if (character === '"') this.#inString = false
      return false
    }
    if (this.#depth === 0 && (character === ',' || character === ']')) return true
    if (character === '"') this.#inString = true
    else if (character === '{' || character === '[') this.#depth++
    else if ((character === '}' || character === ']') && this.#depth > 0) this.#depth--
    return false
  }
}

function notAList(place: 'before' | 'inside' | 'after', found: string): KairosError {
  const expected = { before: 'begin with [', inside: 'end with ]', after: 'have nothing after its ]' }[place]
  return new KairosError('KAIROS_INVALID_VALUE', `the input must be one JSON list and ${expected}, not ${found}`)
}
