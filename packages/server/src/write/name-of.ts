import { isUtf8 } from 'node:buffer'
import { describe, messageOf } from '@kairos/core/driver'
import { formatName, parseName } from '@kairos/core/labels'
import type { Fault } from './reasons.ts'

/** Between a name and DogStatsD's tags in the bytes that a name is found by: neither can contain it. */
export const TAGS = 10
/** Bytes: `;a=b`. */
const LEAST_OF_LABEL = 4

export const CONTROL: Fault = { reason: 'name', message: 'the name must not contain control characters' }

/**
 * The name that is stored: labels in Graphite's form (`;a=b`) sorted, tags of DogStatsD (`a:b,c`) as labels.
 * Neither control characters nor what is not UTF-8 is let through: two names could become one.
 */
export function nameOf(bytes: Buffer, most: number): string | Fault {
  if (bytes.length === 0) return { reason: 'name', message: 'the name must not be empty' }
  if (bytes.length > most) return tooLongName(String(bytes.length), most)
  if (!isUtf8(bytes)) return { reason: 'name', message: 'the name must be UTF-8' }
  const text = bytes.toString('utf8')
  const end = text.indexOf('\n')
  const name = end === -1 ? text : text.slice(0, end)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name + text.slice(end + 1))) return CONTROL
  if (end === -1 && !name.includes(';')) return name
  try {
    const parsed = parseName(name)
    if (end === -1) return formatName(parsed)
    const labels = labelsOf(text.slice(end + 1))
    const both = Object.keys(labels).find((label) => Object.hasOwn(parsed, label))
    if (both !== undefined) throw new Error(`a name must not have the label ${describe(both)} twice`)
    return formatName({ ...parsed, ...labels })
  } catch (error) {
    return { reason: 'name', message: messageOf(error) }
  }
}

export function tooLongName(found: string, most: number): Fault {
  return { reason: 'tooLong', message: `a name must be at most ${most} bytes, not ${found}` }
}

/** Labels that make a name too long, whatever they are: a million would be put in order before that is seen. */
export function tooManyLabels(count: number, most: number): Fault | undefined {
  return LEAST_OF_LABEL * count > most ? tooLongName(`${count} labels`, most) : undefined
}

/** A tag without a value is `true`; of one that comes several times all values are kept, as `a,b`. */
function labelsOf(tags: string): Record<string, string> {
  const labels = new Map<string, Set<string>>()
  for (const tag of tags.split(',')) {
    if (tag === '') continue
    const colon = tag.indexOf(':')
    const [label, value] = colon === -1 ? [tag, 'true'] : [tag.slice(0, colon), tag.slice(colon + 1) || 'true']
    const values = labels.get(label)
    if (values === undefined) labels.set(label, new Set([value]))
    else values.add(value)
  }
  if (labels.has('name')) throw new Error('a name must not have a label called "name"')
  return Object.fromEntries(Array.from(labels, ([label, values]) => [label, [...values].sort().join(',')]))
}
