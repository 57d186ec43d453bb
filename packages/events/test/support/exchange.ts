import { parseJson } from '../../src/json/json-values.ts'

export interface Exchanged {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** For responses of a single object. */
  readonly json: Readonly<Record<string, unknown>>
}

/** Makes one request; a body that is not a string is sent as JSON. */
export async function exchange(url: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Exchanged> {
  const sent = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${url}${path}`, { method: body === undefined ? 'GET' : 'POST', body: sent, ...init })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return parseJson(text) as Readonly<Record<string, unknown>>
    },
  }
}

/** The events in a response of lines. */
export function eventsIn({ text }: Exchanged): Readonly<Record<string, unknown>>[] {
  return text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => parseJson(line) as Readonly<Record<string, unknown>>)
}
