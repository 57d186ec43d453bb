/** What `/api/timeseries` says of one. */
export interface Timeseries {
  readonly name: string
  readonly type: string
  readonly transforms: readonly string[]
  readonly intervals: readonly { readonly name: string }[]
}

export interface NamesPage {
  readonly names: readonly { readonly name: string; readonly timeseries: readonly string[] }[]
  readonly next: string | null
}

export interface QueryAnswer {
  readonly interval: string
  readonly every: string | number | null
  readonly zone: string
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [number, unknown])[] }[]
}

/** An answer of the server's own API. @throws Error with what the server says */
export async function ask<Answer>(
  path: string,
  fields: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Answer> {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(fields))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== '') search.append(name, String(one))
  const response = await fetch(`${path}?${search}`, signal === undefined ? {} : { signal })
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error ?? `the server answered ${response.status}`)
  return answer
}
