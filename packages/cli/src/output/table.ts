import Table from 'cli-table3'

/** Between columns. */
const GAP = 2
const NO_LINES = { middle: ' '.repeat(GAP) }
const LINES = [
  ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
  ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
]

/** Rows of text under their heads, without lines; numbers to the right. */
export function tableOf(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  style: (text: string) => string,
): string {
  const table = new Table({
    head: heads.map(style),
    chars: { ...Object.fromEntries(LINES.map((line) => [line, ''])), ...NO_LINES },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: heads.map((_, column) => (rows.every((row) => isNumber(row[column]!)) ? 'right' : 'left')),
  })
  table.push(...rows.map((row) => [...row]))
  const lines = table.toString().split('\n')
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`
}

function isNumber(text: string): boolean {
  return text === '' || /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text)
}
