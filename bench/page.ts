import type { Entry, Measured } from './harness.ts'
import { short } from './table.ts'

/** What `--json` writes of a run. */
export interface BenchRun {
  readonly machine: Readonly<Record<string, string | number>>
  readonly results: Readonly<Record<string, readonly Entry[]>>
}

/** One bar of a plot. */
interface Bar {
  readonly name: string
  readonly value: number
  readonly label: string
}
/** A line across the bars: what the first variant reaches, or a target. */
interface Mark {
  readonly value: number
  readonly label: string
}

const ROW = 26
const NAMES = 250
const BARS = 360
const LABELS = 190
const WIDTH = NAMES + BARS + LABELS

/** A page with a plot of each comparison: one file of HTML that loads nothing. */
export function pageOf({ machine, results }: BenchRun): string {
  const sections = Object.entries(results).map(([suite, entries]) => `<h2>${escaped(suite)}</h2>\n${plotsOf(entries)}`)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Kairos: benchmarks</title>
<style>
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { max-width: ${WIDTH}px; margin: 2rem auto; padding: 0 1rem }
svg { width: 100%; height: auto; font-size: 13px; fill: currentColor }
.bar { fill: light-dark(#2f6f9f, #7fb8e0) }
.first { fill: light-dark(#9aa4ad, #6a747c) }
.mark { stroke: currentColor; stroke-dasharray: 4 3 }
td { padding-right: 1.5rem }
</style>
<h1>Kairos: benchmarks</h1>
<p>${escaped(Object.values(machine).join(', '))}. Grey is the hand-written code that the others are compared with.</p>
${sections.join('\n')}
</html>
`
}

/** Comparisons and figures of several variants as bars, in the order of the run; figures that stand alone in a table after them. */
function plotsOf(entries: readonly Entry[]): string {
  const plots: string[] = []
  const rows: string[] = []
  const groups = new Map<string, Bar[]>()
  for (const entry of entries) {
    if ('measured' in entry) plots.push(comparisonPlot(entry))
    else if (entry.variant === undefined) {
      const cells = [entry.title, `${short(entry.value)} ${entry.unit}`, entry.note ?? '']
      rows.push(`<tr>${cells.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`)
    } else {
      const title = `${entry.title}, ${entry.unit}`
      const bars = groups.get(title) ?? []
      bars.push({ name: entry.variant, value: entry.value, label: short(entry.value) })
      groups.set(title, bars)
    }
  }
  for (const [title, bars] of groups) plots.push(plot(title, bars, [], false))
  if (rows.length > 0) plots.push(`<table>${rows.join('\n')}</table>`)
  return plots.join('\n')
}

function comparisonPlot({ title, unit, measured, target }: Extract<Entry, { measured: readonly Measured[] }>): string {
  const bars = measured.map(({ variant, speed, rate }) => ({
    name: variant,
    value: speed,
    label: `×${speed.toFixed(2)}, ${short(rate)} ${unit}/s`,
  }))
  const marks = [{ value: 1, label: '' }]
  if (target !== undefined) {
    marks.push({ value: 'speed' in target ? target.speed : 1 / target.time, label: 'target' })
  }
  return plot(title, bars, marks, true)
}

function plot(title: string, bars: readonly Bar[], marks: readonly Mark[], hasFirst: boolean): string {
  const most = Math.max(...bars.map(({ value }) => value), ...marks.map(({ value }) => value))
  const widthOf = (value: number): number => Math.round((value / most) * BARS)
  const height = bars.length * ROW + 18
  const rows = bars.map(({ name, value, label }, index) => {
    const y = index * ROW
    const kind = hasFirst && index === 0 ? 'first' : 'bar'
    const end = NAMES + widthOf(value)
    return (
      `<text x="${NAMES - 8}" y="${y + 17}" text-anchor="end">${escaped(name)}</text>` +
      `<rect class="${kind}" x="${NAMES}" y="${y + 4}" width="${Math.max(1, widthOf(value))}" height="${ROW - 8}"/>` +
      `<text x="${end + 8}" y="${y + 17}">${escaped(label)}</text>`
    )
  })
  const lines = marks.map(({ value, label }) => {
    const x = NAMES + widthOf(value)
    return (
      `<line class="mark" x1="${x}" x2="${x}" y1="0" y2="${bars.length * ROW}"/>` +
      `<text x="${x}" y="${height - 4}" text-anchor="middle">${label}</text>`
    )
  })
  return `<h3>${escaped(title)}</h3>
<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">${rows.join('')}${lines.join('')}</svg>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
