/** A name of a timeseries. */
export interface Pick {
  readonly timeseries: string
  readonly name: string
}

/** Everything that the address says, so that a link shows what is seen. */
export interface State {
  readonly picks: readonly Pick[]
  /** Unix seconds, or a span before now such as -6h. */
  readonly from: string
  readonly to: string
  /** Empty: the browser's. */
  readonly zone: string
  /** Empty: by itself. */
  readonly interval: string
  /** Empty: what suits the type. */
  readonly transform: string
  readonly fill: string
  readonly compare: boolean
  readonly live: boolean
  readonly table: boolean
  readonly search: string
}

const START: State = {
  picks: [],
  from: '-1h',
  to: 'now',
  zone: '',
  interval: '',
  transform: '',
  fill: 'null',
  compare: false,
  live: false,
  table: false,
  search: '',
}

const TEXTS = ['from', 'to', 'zone', 'interval', 'transform', 'fill', 'search'] as const
const FLAGS = ['compare', 'live', 'table'] as const

/** The state that an address names. */
export function stateOf(search: string): State {
  const fields = new URLSearchParams(search)
  const picks = fields.getAll('n').flatMap((text) => pickOf(text) ?? [])
  const texts = TEXTS.map((name) => [name, fields.get(name) ?? START[name]])
  const flags = FLAGS.map((name) => [name, fields.get(name) === '1'])
  return { ...START, ...Object.fromEntries([...texts, ...flags]), picks }
}

/** A pick as an address has it, which may be anything. */
function pickOf(text: string): Pick | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  try {
    return { timeseries: decodeURIComponent(text.slice(0, slash)), name: text.slice(slash + 1) }
  } catch {
    return undefined
  }
}

/** The address of a state: only what differs from the start. */
export function addressOf(state: State): string {
  const fields = new URLSearchParams()
  for (const { timeseries, name } of state.picks) fields.append('n', `${encodeURIComponent(timeseries)}/${name}`)
  for (const name of TEXTS) if (state[name] !== START[name]) fields.set(name, state[name])
  for (const name of FLAGS) if (state[name]) fields.set(name, '1')
  return fields.size === 0 ? location.pathname : `${location.pathname}?${fields}`
}

export function samePick(one: Pick, other: Pick): boolean {
  return one.timeseries === other.timeseries && one.name === other.name
}

/** The zone whose clock is shown. */
export function zoneOf({ zone }: State): string {
  return zone === '' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone
}

const UNITS: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3600, d: 86_400 }

/** The stretch that is shown now, in Unix seconds. */
export function stretchOf({ from, to }: State): { start: number; end: number } {
  const now = Math.floor(Date.now() / 1000)
  const secondsOf = (text: string): number => {
    const [, count, unit] = /^-(\d+)(s|min|h|d)$/.exec(text) ?? []
    if (count !== undefined) return now - Number(count) * UNITS[unit!]!
    return /^\d+$/.test(text) ? Number(text) : now
  }
  const end = secondsOf(to)
  return { start: Math.min(secondsOf(from), end - 1), end }
}
