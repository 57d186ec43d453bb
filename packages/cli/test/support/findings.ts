import { rowsIn, typed } from './kairos.ts'

interface Found {
  readonly check: string
  readonly state: string
  readonly found: string
  readonly todo?: string
}
interface Findings {
  readonly code: number
  readonly err: string
  readonly findings: Readonly<Record<string, Found>>
  readonly states: Readonly<Record<string, string>>
}

/** What doctor finds at a store, by check. */
export async function findingsOf(store: string, flags = ''): Promise<Findings> {
  const { code, out, err } = await typed(`kairos doctor ${store} ${flags}`)
  const found = rowsIn<Found>(out)
  return {
    ...{ code, err },
    findings: Object.fromEntries(found.map((each) => [each.check, each])),
    states: Object.fromEntries(found.map(({ check, state }) => [check, state])),
  }
}
