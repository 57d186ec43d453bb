/** A line of InfluxDB's protocol. */
export interface InfluxLine {
  readonly measurement: string
  readonly tags: readonly (readonly [label: string, value: string])[]
  /** Values as they are written. */
  readonly fields: readonly (readonly [field: string, value: string])[]
  /** Undefined: now. */
  readonly time: string | undefined
}

/**
 * Reads a line: `measurement,tag=a,other=b field=1,next="text" 1700000000000000000`. A backslash before `,`, `=` and a space takes their meaning away.
 * Undefined for what is not one.
 */
export function readLine(line: string): InfluxLine | undefined {
  const head = until(line, 0, ' ')
  const [measurement = '', ...tags] = split(head.text, ',')
  const body = until(line, head.end + 1, ' ')
  const time = line.slice(body.end + 1).trim()
  const [pairs, fields] = [tags.map(pairOf), split(body.text, ',').map(pairOf)]
  if (measurement === '' || pairs.includes(undefined) || fields.includes(undefined)) return undefined
  if (time !== '' && !/^-?\d{1,19}$/.test(time)) return undefined
  return {
    measurement: unescaped(measurement),
    tags: (pairs as Pair[]).map(([label, value]) => [unescaped(label), unescaped(value)]),
    fields: (fields as Pair[]).map(([field, value]) => [unescaped(field), value]),
    time: time === '' ? undefined : time,
  }
}

type Pair = readonly [key: string, value: string]

function pairOf(text: string): Pair | undefined {
  const { text: key, end } = until(text, 0, '=')
  const value = text.slice(end + 1)
  return key === '' || value === '' ? undefined : [key, value]
}

function split(text: string, separator: string): string[] {
  const parts: string[] = []
  for (let start = 0; start <= text.length; ) {
    const { text: part, end } = until(text, start, separator)
    parts.push(part)
    start = end + 1
  }
  return parts
}

/** What comes before a character that is neither escaped nor in quotes, and where that is. Quotes are for texts only, which begin after `=`. */
function until(line: string, start: number, separator: string): { readonly text: string; readonly end: number } {
  let quoted = false
  let at = start
  for (; at < line.length; at++) {
    const letter = line[at]
    if (letter === '\\') at++
    else if (letter === '"' && (quoted || line[at - 1] === '=')) quoted = !quoted
    else if (letter === separator && !quoted) break
  }
  const end = Math.min(at, line.length)
  return { text: line.slice(start, end), end }
}

function unescaped(text: string): string {
  return text.replace(/\\([,= "\\])/g, '$1')
}
