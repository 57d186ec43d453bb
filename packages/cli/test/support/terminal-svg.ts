/** A line that was typed, and what came. */
export interface Exchange {
  readonly line: string
  readonly answer: string
}

const WIDTH = 8.4
const HEIGHT = 18
const AROUND = 16
/** A change of style, as a terminal gets it. */
const STYLE = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`)
/** In seconds: from one command to the next. */
const PAUSE = 2.5

const COLOURS: Readonly<Record<string, string>> = {
  ...{ 31: '#ff7b72', 32: '#7ee787', 33: '#f2cc60', 34: '#79c0ff', 35: '#d2a8ff', 36: '#76e3ea' },
}

/** A session in a terminal as an SVG whose commands appear one after the other; all at once where motion is not wanted. */
export function terminalSvg(exchanges: readonly Exchange[], columns: number): string {
  const parts: string[] = []
  let row = 0
  for (const [index, { line, answer }] of exchanges.entries()) {
    const lines = [
      `\u001b[32m$\u001b[39m \u001b[1m${line}\u001b[22m`,
      ...answer.split('\n').slice(0, answer === '' ? 0 : -1),
    ]
    const texts = lines.map((each) => textOf(each, row++))
    parts.push(`<g style="animation-delay:${(index * PAUSE).toFixed(1)}s">\n${texts.filter(Boolean).join('\n')}\n</g>`)
    row++
  }
  const size = { width: Math.ceil(columns * WIDTH) + 2 * AROUND, height: (row - 1) * HEIGHT + 2 * AROUND }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" role="img" aria-label="The kairos command in a terminal">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #e6edf3; white-space: pre }
g { opacity: 0; animation: come 0.2s forwards }
@keyframes come { to { opacity: 1 } }
@media (prefers-reduced-motion: reduce) { g { opacity: 1; animation: none } }
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${parts.join('\n')}
</svg>
`
}

/** A line, whose characters stay in their columns whatever the font; nothing for an empty one. */
function textOf(line: string, row: number): string {
  const y = AROUND + row * HEIGHT + 14
  let column = 0
  return piecesOf(line)
    .map(({ text, style }) => {
      const at = column + text.length - text.trimStart().length
      column += [...text].length
      const shown = text.trim()
      if (shown === '') return ''
      const length = round([...shown].length * WIDTH)
      return `<text x="${round(AROUND + at * WIDTH)}" y="${y}" textLength="${length}"${style}>${escaped(shown)}</text>`
    })
    .join('')
}

/** The pieces of a line that look the same. */
function piecesOf(line: string): { readonly text: string; readonly style: string }[] {
  const pieces: { text: string; style: string }[] = []
  let [bold, dim, colour]: [boolean, boolean, string | undefined] = [false, false, undefined]
  for (const [index, part] of line.split(STYLE).entries()) {
    if (index % 2 === 0) {
      const style = [
        ...(bold ? ['font-weight="bold"'] : []),
        ...(dim ? ['fill-opacity="0.6"'] : []),
        ...(colour === undefined ? [] : [`style="fill:${colour}"`]),
      ]
      const own = style.map((each) => ` ${each}`).join('')
      const last = pieces.at(-1)
      if (last?.style === own) last.text += part
      else if (part !== '') pieces.push({ text: part, style: own })
      continue
    }
    if (part === '1') bold = true
    else if (part === '2') dim = true
    else if (part === '22') [bold, dim] = [false, false]
    else colour = COLOURS[part]
  }
  return pieces
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (found) => `&#${found.charCodeAt(0)};`)
}
