import { tableOf } from './chart.ts'
import { element, styleColour } from './dom.ts'
import type { Shown } from './lines.ts'

/** Rows that the table shows; CSV has all of them. */
const MOST_ROWS = 2_000

/** The columns of a table: of lines, or how the values of a distribution are spread. */
function columnsOf(shown: Shown): { names: string[]; rows: (readonly (string | number | null | undefined)[])[] } {
  if (shown.heat !== null) {
    const rows = [...shown.heat].flatMap(([time, bins]) => bins.map(({ from, to, count }) => [time, from, to, count]))
    return { names: ['from', 'to', 'count'], rows }
  }
  const [times, ...values] = tableOf(shown)
  return {
    names: shown.lines.map(({ label }) => label),
    rows: times.map((time, at) => [time, ...values.map((line) => line[at])]),
  }
}

/** A time of a zone, as people and programs read it. */
function timeText(seconds: number, zone: string): string {
  return new Date(seconds * 1000).toLocaleString('sv-SE', { timeZone: zone })
}

/** The values as a table. */
export function tableElement(shown: Shown, zone: string): HTMLElement {
  const { names, rows } = columnsOf(shown)
  const head = element(
    'tr',
    {},
    ...[`Time (${zone})`, ...names].map((text) => element('th', { scope: 'col', textContent: text })),
  )
  const body = rows
    .slice(-MOST_ROWS)
    .map(([time, ...values]) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row', textContent: timeText(time as number, zone) }),
        ...values.map((value) => element('td', { textContent: String(value ?? '') })),
      ),
    )
  return element('table', {}, element('thead', {}, head), element('tbody', {}, ...body))
}

/** The values as CSV, times in ISO 8601. */
export function csvOf(shown: Shown): string {
  const { names, rows } = columnsOf(shown)
  // A spreadsheet takes a text that begins like a formula for one.
  const quoted = (text: string): string => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`
  const lines = rows.map(([time, ...values]) =>
    [new Date((time as number) * 1000).toISOString(), ...values.map((value) => value ?? '')].join(','),
  )
  return `${[['time', ...names.map(quoted)].join(','), ...lines].join('\r\n')}\r\n`
}

/** A picture of a chart, with its names below. */
export async function pngOf(drawn: HTMLCanvasElement, shown: Shown): Promise<Blob> {
  const scale = devicePixelRatio
  const labels = shown.lines.map(({ label }) => label).join('   ')
  const picture = element('canvas', { width: drawn.width, height: drawn.height + Math.round(28 * scale) })
  const context = picture.getContext('2d')!
  context.fillStyle = styleColour('--ground')
  context.fillRect(0, 0, picture.width, picture.height)
  context.drawImage(drawn, 0, 0)
  context.fillStyle = styleColour('--text')
  context.font = `${13 * scale}px system-ui, sans-serif`
  context.fillText(labels, 8 * scale, drawn.height + 16 * scale, picture.width - 16 * scale)
  return await new Promise((resolve, reject) => {
    picture.toBlob((blob) => (blob === null ? reject(new Error('this browser cannot make a picture')) : resolve(blob)))
  })
}

/** Hands the browser a file to keep. */
export function save(name: string, contents: Blob): void {
  const href = URL.createObjectURL(contents)
  element('a', { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60_000)
}
