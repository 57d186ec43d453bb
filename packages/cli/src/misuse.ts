/** What was asked for in a way that cannot be answered: exit code 2. */
export class Misuse extends Error {
  static {
    this.prototype.name = 'Misuse'
  }
}

/** What failed, in words that are all a user needs: exit code 1. */
export class Failed extends Error {
  static {
    this.prototype.name = 'Failed'
  }
}

/** As messages here are written: what must be, what was found, and what to do. */
export function mustBe(what: string, expected: string, found: unknown, remedy = ''): Misuse {
  return new Misuse(`${what} must be ${expected}, not ${JSON.stringify(found)}${remedy === '' ? '' : `; ${remedy}`}`)
}
