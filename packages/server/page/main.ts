import type uPlot from 'uplot'
import { ask, type Timeseries } from './api.ts'
import { draw } from './chart.ts'
import { byId, element, setOptions } from './dom.ts'
import { isHeat, offeredTransforms, readLines, type Shown } from './lines.ts'
import { NameList, showPicks } from './names.ts'
import { csvOf, pngOf, save, tableElement } from './save.ts'
import { addressOf, type Pick, type State, samePick, stateOf, stretchOf, zoneOf } from './state.ts'

const RANGES = ['15min', '1h', '6h', '1d', '7d', '30d', '365d'] as const
/** Milliseconds between two looks. */
const LIVE = 5_000

let state = stateOf(location.search)
let all: readonly Timeseries[] = []
let shown: Shown | null = null
let chart: uPlot | null = null
let reading = new AbortController()

const names = new NameList({
  toggle,
  searched: (search) => change({ search }, false),
  failed: problem,
})

/** Changes what is shown. `visited`: the browser's back button returns from it. */
function change(changes: Partial<State>, visited = true): void {
  state = { ...state, ...changes }
  history[visited ? 'pushState' : 'replaceState'](null, '', addressOf(state))
  if (Object.keys(changes).join() !== 'search') void show()
}

function toggle(pick: Pick): void {
  const without = state.picks.filter((other) => !samePick(other, pick))
  change({ picks: without.length < state.picks.length ? without : [...without, pick] })
}

function problem(error: unknown): void {
  const box = byId('problem')
  box.textContent = error instanceof Error ? error.message : String(error)
  box.hidden = false
}

/** Reads and draws what the state says. */
async function show(): Promise<void> {
  reading.abort()
  reading = new AbortController()
  const { signal } = reading
  showControls()
  try {
    const box = byId('chart')
    const next = await readLines(state, all, Math.max(50, Math.floor(box.clientWidth / 2)), signal)
    if (signal.aborted) return
    byId('problem').hidden = true
    shown = next
    chart?.destroy()
    chart = state.picks.length === 0 ? null : draw(box, shown, zoneOf(state), { zoom })
    box.ariaLabel =
      state.picks.length === 0 ? 'Nothing is shown yet' : `Chart of ${state.picks.map(({ name }) => name).join(', ')}`
    byId('chosen').textContent = shown.chosen
    byId('table').replaceChildren(...(state.table ? [tableElement(shown, zoneOf(state))] : []))
  } catch (error) {
    if (!signal.aborted) problem(error)
  }
}

function zoom(start: number, end: number): void {
  change({ from: String(Math.floor(start)), to: String(Math.max(Math.ceil(end), Math.floor(start) + 1)), live: false })
}

/** Moves the stretch by a share of its length, and makes it longer or shorter. */
function move(by: number, factor: number): void {
  const { start, end } = stretchOf(state)
  const [middle, half] = [(start + end) / 2 + by * (end - start), ((end - start) / 2) * factor]
  zoom(Math.round(middle - half), Math.round(middle + half))
}

function showControls(): void {
  showPicks(state.picks, toggle)
  names.mark(state.picks)
  for (const button of byId('ranges').querySelectorAll('button'))
    button.ariaPressed = String(state.to === 'now' && state.from === `-${button.value}`)
  const infos = all.filter(({ name }) => state.picks.some(({ timeseries }) => timeseries === name))
  const intervals = new Set(infos.flatMap((info) => info.intervals.map(({ name }) => name)))
  const transforms = new Set(infos.flatMap(offeredTransforms))
  setOptions(
    byId('interval'),
    [['', 'by itself'], ...[...intervals].map((name) => [name, name] as const)],
    state.interval,
  )
  const usual = isHeat(state, all) ? 'spread' : 'as usual'
  setOptions(byId('transform'), [['', usual], ...[...transforms].map((name) => [name, name] as const)], state.transform)
  byId<HTMLSelectElement>('fill').value = state.fill
  const zone = byId<HTMLInputElement>('zone')
  if (document.activeElement !== zone) zone.value = zoneOf(state)
  byId<HTMLInputElement>('compare').checked = state.compare
  byId<HTMLInputElement>('live').checked = state.live
  byId('table').hidden = !state.table
  byId('table-button').ariaExpanded = String(state.table)
  byId('what').textContent = `${all.length} timeseries`
}

function listen(): void {
  byId('ranges').append(
    ...RANGES.map((range) => {
      const button = element('button', { type: 'button', value: range, textContent: range })
      button.addEventListener('click', () => change({ from: `-${range}`, to: 'now' }))
      return button
    }),
  )
  byId('zones').append(...['UTC', ...Intl.supportedValuesOf('timeZone')].map((value) => element('option', { value })))
  for (const id of ['interval', 'transform', 'fill'] as const)
    byId<HTMLSelectElement>(id).addEventListener('change', ({ target }) =>
      change({ [id]: (target as HTMLSelectElement).value }),
    )
  for (const id of ['compare', 'live'] as const)
    byId<HTMLInputElement>(id).addEventListener('change', ({ target }) =>
      change({ [id]: (target as HTMLInputElement).checked }),
    )
  byId('zone').addEventListener('change', ({ target }) => change({ zone: (target as HTMLInputElement).value.trim() }))
  byId('controls').addEventListener('submit', (event) => event.preventDefault())
  const moves = { earlier: [-0.5, 1], later: [0.5, 1], nearer: [0, 0.5], wider: [0, 2] } as const
  for (const [id, [by, factor]] of Object.entries(moves)) byId(id).addEventListener('click', () => move(by, factor))
  const keys: Readonly<Record<string, keyof typeof moves>> = {
    ArrowLeft: 'earlier',
    ArrowRight: 'later',
    '+': 'nearer',
    '-': 'wider',
  }
  // Both take keys: to move, and to scroll.
  for (const id of ['chart', 'table']) byId(id).tabIndex = 0
  byId('chart').addEventListener('keydown', ({ key }) => {
    const found = keys[key]
    if (found === undefined) return
    const [by, factor] = moves[found]
    move(by, factor)
  })
  byId('csv').addEventListener('click', () => {
    if (shown !== null) save('kairos.csv', new Blob([csvOf(shown)], { type: 'text/csv' }))
  })
  byId('png').addEventListener('click', async () => {
    if (shown !== null && chart !== null) save('kairos.png', await pngOf(chart.ctx.canvas, shown))
  })
  byId('link').addEventListener('click', async () => {
    // Not everywhere may a page write to the clipboard: then the address bar has it.
    await navigator.clipboard?.writeText(location.href).catch(() => {})
    byId('link').textContent = 'Copied'
    setTimeout(() => (byId('link').textContent = 'Copy link'), 2_000)
  })
  byId('table-button').addEventListener('click', () => change({ table: !state.table }, false))
  addEventListener('popstate', () => {
    state = stateOf(location.search)
    names.text = state.search
    void show()
  })
  let width = innerWidth
  addEventListener('resize', () => {
    if (Math.abs(innerWidth - width) < 20) return
    width = innerWidth
    void show()
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => void show())
  setInterval(() => {
    if (state.live && document.visibilityState === 'visible') void show()
  }, LIVE)
}

async function begin(): Promise<void> {
  try {
    all = (await ask<{ timeseries: Timeseries[] }>('api/timeseries', {})).timeseries
    byId('problem').hidden = true
  } catch (error) {
    problem(error)
    return
  }
  await Promise.all([names.find(), show()])
}

listen()
names.text = state.search
void begin()
