/** The dots of a braille character, by column and row. */
const DOTS = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
] as const
const BRAILLE = 0x2800

/** What is drawn on characters: with dots of a braille character, or with one mark for each. */
export class Canvas {
  readonly width: number
  readonly height: number
  readonly #columns: number
  readonly #isFine: boolean
  readonly #dots: Uint8Array
  readonly #owners: Int16Array

  constructor(columns: number, rows: number, isFine: boolean) {
    this.#columns = columns
    this.#isFine = isFine
    this.width = columns * (isFine ? 2 : 1)
    this.height = rows * (isFine ? 4 : 1)
    this.#dots = new Uint8Array(columns * rows)
    this.#owners = new Int16Array(columns * rows).fill(-1)
  }

  /** A dot of a line, counted from the top left. */
  dot(x: number, y: number, owner: number): void {
    const [wide, high] = this.#isFine ? [2, 4] : [1, 1]
    const at = Math.floor(y / high) * this.#columns + Math.floor(x / wide)
    this.#dots[at]! |= this.#isFine ? DOTS[x % 2]![y % 4]! : 1
    this.#owners[at] = owner
  }

  /** A straight line. */
  line(x0: number, y0: number, x1: number, y1: number, owner: number): void {
    const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0), 1)
    for (let step = 0; step <= steps; step++)
      this.dot(Math.round(x0 + ((x1 - x0) * step) / steps), Math.round(y0 + ((y1 - y0) * step) / steps), owner)
  }

  /** A row of characters, each as `paint` makes it; without fine dots, `marks` has a character for each line. */
  row(row: number, marks: readonly string[], paint: (text: string, owner: number) => string): string {
    let text = ''
    for (let column = 0; column < this.#columns; column++) {
      const at = row * this.#columns + column
      const owner = this.#owners[at]!
      if (owner === -1) text += ' '
      else
        text += paint(
          this.#isFine ? String.fromCharCode(BRAILLE + this.#dots[at]!) : marks[owner % marks.length]!,
          owner,
        )
    }
    return text
  }
}
