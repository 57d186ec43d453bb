import { messageOf } from '@kairos/core/driver'
import type { Fault, Reason } from '../write/reasons.ts'

/** Something that was sent as JSON, and is not, or is longer than a point. */
export class NotJson {
  readonly text: string
  readonly fault: Fault

  constructor(text: string, message: string, reason: Reason = 'malformed') {
    this.text = text
    this.fault = { reason, message }
  }
}

/** Characters of a list that is read in one go. What is made of a list is up to forty times as large as its text. */
const AT_ONCE = 100_000

/** Characters of a point. One of 16 MB of brackets or labels would hold up all else for seconds. */
const LONGEST = 65_536

/** What a text is as JSON. */
export function readJson(text: string): unknown {
  if (text.length > LONGEST)
    return new NotJson(text, `a point must be at most ${LONGEST} characters, not ${text.length}`, 'tooLong')
  try {
    return JSON.parse(text)
  } catch (error) {
    return new NotJson(text, messageOf(error))
  }
}

/** The items of a list, each by itself: one that is not JSON spoils no other. */
export function itemsOf(list: string): Iterable<unknown> {
  const whole = list.length <= AT_ONCE ? readJson(list) : undefined
  return Array.isArray(whole) ? whole : itemsOneByOne(list)
}

function* itemsOneByOne(list: string): Iterable<unknown> {
  let start = list.indexOf('[') + 1
  for (let isFirst = true; ; isFirst = false) {
    const end = endOfItem(list, start)
    const text = list.slice(start, end).trim()
    const isLast = list[end] !== ','
    // What is between the brackets of an empty list is not an item.
    if (text !== '' || !isFirst || !isLast) yield readJson(text)
    if (isLast) {
      const rest = list.slice(end).trim()
      if (rest !== ']') yield new NotJson(rest, 'a list must end with ]')
      return
    }
    start = end + 1
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 44, 91, 93, 123, 125]

/** Where the comma or the bracket behind an item is; the end of the list, if there is neither. */
function endOfItem(list: string, start: number): number {
  let depth = 0
  for (let at = start; at < list.length; at++) {
    const code = list.charCodeAt(at)
    if (code === QUOTE) at = endOfText(list, at)
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth++
    else if (depth > 0) depth -= code === CLOSE_LIST || code === CLOSE_OBJECT ? 1 : 0
    else if (code === COMMA || code === CLOSE_LIST) return at
  }
  return list.length
}

/** The quotation mark that ends a text. */
function endOfText(list: string, start: number): number {
  let at = start + 1
  while (at < list.length && list.charCodeAt(at) !== QUOTE) at += list.charCodeAt(at) === BACKSLASH ? 2 : 1
  return at
}
