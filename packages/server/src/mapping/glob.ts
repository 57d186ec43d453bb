/** A piece of a glob. */
type Piece =
  | { readonly kind: 'text'; readonly text: string }
  /** Characters that are not dots; with a name at least one, which is captured. */
  | { readonly kind: 'part'; readonly name: string | undefined }
  | { readonly kind: 'any' }

/** The parts of a name that a pattern captures, by the names that it gives them. */
export type Captures = Readonly<Record<string, string>>

/** A compiled glob. */
export interface Glob {
  readonly captures: readonly string[]
  /** Undefined for a name that it does not match. */
  match(name: string): Captures | undefined
}

const PIECE = /\*\*|\*|<([A-Za-z_][A-Za-z0-9_]*)>/g
const DOT = '.'.charCodeAt(0)
const NONE: Captures = {}

/**
 * Compiles a glob for whole names: `*` is any characters but dots, `**` any characters, `<part>` at least one character but dots, which is captured.
 * Matching takes a time that is at most proportional to the name and the glob, whatever the name: names come from outside.
 */
export function compileGlob(glob: string): Glob {
  const pieces = piecesOf(glob)
  const captures = pieces.flatMap((piece) => (piece.kind === 'part' && piece.name !== undefined ? [piece.name] : []))
  const [first, last] = [pieces[0], pieces.at(-1)]
  if (pieces.length <= 1 && first?.kind !== 'part') {
    const text = first === undefined ? '' : first.kind === 'any' ? undefined : first.text
    return { captures, match: (name) => (text === undefined || name === text ? NONE : undefined) }
  }
  const start = first?.kind === 'text' ? first.text : ''
  const end = last?.kind === 'text' ? last.text : ''
  return {
    captures,
    match(name) {
      if (!name.startsWith(start) || !name.endsWith(end)) return undefined
      const rest = restsOf(pieces, name)
      return rest[0]![0] === 1 ? capturesOf(pieces, name, rest) : undefined
    },
  }
}

function piecesOf(glob: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const { 0: found, 1: name, index } of glob.matchAll(PIECE)) {
    if (index > end) pieces.push({ kind: 'text', text: glob.slice(end, index) })
    pieces.push(found === '**' ? { kind: 'any' } : { kind: 'part', name })
    end = index + found.length
  }
  if (end < glob.length) pieces.push({ kind: 'text', text: glob.slice(end) })
  return pieces
}

/** For each piece, and one more: 1 at the places of the name from which this piece and those after it match all of the rest. */
function restsOf(pieces: readonly Piece[], name: string): readonly Uint8Array[] {
  const { length } = name
  let next = new Uint8Array(length + 1)
  next[length] = 1
  const rests = [next]
  for (const piece of pieces.toReversed()) {
    const rest = new Uint8Array(length + 1)
    const least = piece.kind === 'part' && piece.name !== undefined ? 1 : 0
    for (let at = length; at >= 0; at--) {
      if (piece.kind === 'text') {
        if (next[at + piece.text.length] === 1 && name.startsWith(piece.text, at)) rest[at] = 1
      } else {
        const goesOn = at < length && (piece.kind === 'any' || name.charCodeAt(at) !== DOT)
        if (least === 0 && next[at] === 1) rest[at] = 1
        else if (goesOn && (rest[at + 1] === 1 || (least === 1 && next[at + 1] === 1))) rest[at] = 1
      }
    }
    rests.unshift(rest)
    next = rest
  }
  return rests
}

/** Each part as long as it can be, from the left. */
function capturesOf(pieces: readonly Piece[], name: string, rests: readonly Uint8Array[]): Captures {
  const captures: [string, string][] = []
  let at = 0
  for (const [index, piece] of pieces.entries()) {
    if (piece.kind === 'text') {
      at += piece.text.length
      continue
    }
    const next = rests[index + 1]!
    const dot = piece.kind === 'any' ? -1 : name.indexOf('.', at)
    let end = dot === -1 ? name.length : dot
    while (next[end] !== 1) end--
    if (piece.kind === 'part' && piece.name !== undefined) captures.push([piece.name, name.slice(at, end)])
    at = end
  }
  return captures.length === 0 ? NONE : Object.fromEntries(captures)
}
