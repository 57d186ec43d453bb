/** The canonical form of an IPv4 or IPv6 address: dotted decimal, or RFC 5952. Undefined for anything else (masks and zones included). */
export function canonicalAddress(text: string): string | undefined {
  if (!text.includes(':')) return parseV4(text) === undefined ? undefined : text
  const groups = parseV6(text)
  return groups === undefined ? undefined : spellV6(groups)
}

/** The four bytes; leading zeros are refused, since some readers take them for octal. */
function parseV4(text: string): number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined
  const bytes = parts.map(Number)
  return bytes.every((byte) => byte <= 255) ? bytes : undefined
}

/** The eight groups of 16 bits. */
function parseV6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1))
  if (head === undefined) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  if (tail === undefined || head.length + tail.length > 7) return undefined
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
}

function parseGroups(text: string, atEnd: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const bytes = atEnd && index === parts.length - 1 ? parseV4(part) : undefined
    if (bytes === undefined) return undefined
    groups.push(bytes[0]! * 256 + bytes[1]!, bytes[2]! * 256 + bytes[3]!)
  }
  return groups
}

function spellV6(groups: readonly number[]): string {
  // RFC 5952 section 5: an IPv4-mapped address is spelled with its dotted part.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    const [high, low] = [groups[6]!, groups[7]!]
    return `::ffff:${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
  }
  const [start, length] = longestZeros(groups)
  const spell = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  // Section 4.2.2: a single zero group is not shortened.
  return length < 2 ? spell(groups) : `${spell(groups.slice(0, start))}::${spell(groups.slice(start + length))}`
}

/** Section 4.2.3: the longest run of zero groups, the first of equal ones. */
function longestZeros(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0]
  let length = 0
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0
    if (length > best[1]) best = [index - length + 1, length]
  }
  return best
}
