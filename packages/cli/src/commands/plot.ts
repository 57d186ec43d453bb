import { writeFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { type Call, type Command, command, type Flag } from '../command.ts'
import { labelFlags } from '../flags/labels.ts'
import { outputFlags } from '../flags/output.ts'
import { rangeFlags, TIMES } from '../flags/range.ts'
import { transformFlags } from '../flags/reading.ts'
import { storeFlags } from '../flags/store.ts'
import { draw } from '../plotting/draw.ts'
import type { Picture, Size } from '../plotting/picture.ts'
import { type PlotFlags, readPicture } from '../plotting/read-picture.ts'
import { checkNames, manyFlags, namesTogether, shownNames } from '../reading/names-asked.ts'
import type { Opened } from '../stores/opened.ts'
import { withTimeseries } from '../stores/with-timeseries.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { spanOf } from '../times/span-of.ts'

/** Of a picture in a terminal, in rows; the title and the axis come on top. */
const HIGHEST = 20
const AROUND = 5
/** Of an SVG: as many points as can be seen, and rows of heat. */
const ON_PAPER: Size = { columns: 212, rows: 24 }

export const plotCommand: Command = command({
  name: 'plot',
  summary: 'draws one name or several over time: lines, bars, sparklines, heat',
  details: `Without --start, it draws everything, from the interval that fits best. Histograms and distributions are drawn as heat unless you name a --transform.
Several names are lines of one plot, unless you --join them.\n\n${TIMES}`,
  words: [{ name: 'name', summary: 'names that list shows', many: true, optional: true }],
  flags: {
    ...storeFlags,
    ...manyFlags,
    kind: { kind: 'text', value: 'kind', choices: ['line', 'bar', 'spark', 'heat'], summary: 'what to draw' },
    ...rangeFlags,
    interval: { kind: 'text', value: 'name', summary: 'from this interval; default: the one that fits the range best' },
    every: { kind: 'text', value: 'step', summary: 'in buckets of this step: 15min, 1h, daily, …' },
    ...transformFlags,
    ...labelFlags,
    join: { kind: 'boolean', summary: 'join the names instead of drawing each separately' },
    zone: outputFlags.zone,
    width: { kind: 'whole', value: 'columns', summary: "default: the terminal's" },
    height: {
      kind: 'whole',
      value: 'rows',
      summary: `for lines and heat; default: the terminal's, at most ${HIGHEST}`,
    },
    svg: { kind: 'text', value: 'file', summary: 'write an SVG instead' },
    watch: { kind: 'text', value: 'span', summary: 'redraw every 5s, 1min, … until Ctrl-C' },
  },
  examples: [
    ['kairos plot home --store sqlite:metrics.db', 'all data of home'],
    ['kairos plot home shop --start -24h --watch 5s --timeseries views --store redis://localhost', 'two names, live'],
    [
      'kairos plot checkout --start today --transform p50,p99 --zone Europe/Berlin --store sqlite:times.db',
      'latencies of today',
    ],
    ['kairos plot checkout --svg latencies.svg --store sqlite:times.db', 'how latencies are distributed, as a picture'],
  ],
  async run(call) {
    const { words, flags, signal } = call
    checkNames(words, flags)
    const pause = flags.watch === undefined ? undefined : spanOf('--watch', flags.watch) * 1_000
    await withTimeseries(call, async (opened) => {
      while (true) {
        const names = await namesTogether(words, call, opened)
        await drawOnce({ ...call, words: names }, opened, pause !== undefined)
        if (pause === undefined) return
        await setTimeout(pause, undefined, { signal })
      }
    })
  },
})

type DrawCall = Pick<
  Call<PlotFlags & { readonly svg: Flag<'text'>; readonly width: Flag<'whole'>; readonly height: Flag<'whole'> }>,
  'words' | 'flags' | 'signal' | 'terminal'
>

async function drawOnce(call: DrawCall, opened: Opened, again: boolean): Promise<void> {
  const { flags, terminal, words } = call
  const size = sizeOf(call)
  const picture = await readPicture(call, opened, flags.svg === undefined ? size : ON_PAPER)
  if (picture === null || isEmpty(picture))
    return terminal.report(`no data of ${shownNames(words)}: properties shows when there is some`)
  if (flags.svg !== undefined) {
    const { svgOf } = await import('../plotting/svg.ts')
    return writeFile(flags.svg, svgOf(picture))
  }
  const lines = [terminal.style('bold', picture.title), ...draw(picture, size, terminal)]
  await terminal.write(`${again ? startOf(terminal) : ''}${lines.join('\n')}\n`)
}

function sizeOf({ flags, terminal }: DrawCall): Size {
  const { width = terminal.columns, height = Math.min(HIGHEST, terminal.rows - AROUND) } = flags
  return { columns: Math.max(20, width), rows: Math.max(4, height) }
}

/** On a terminal, where the picture before it was. */
function startOf({ isInteractive }: Terminal): string {
  return isInteractive ? '\u001b[H\u001b[2J' : ''
}

function isEmpty(picture: Picture): boolean {
  return picture.kind === 'heat'
    ? picture.heat.rows.length === 0
    : picture.lines.every(({ points }) => points.every(([, value]) => value === null))
}
