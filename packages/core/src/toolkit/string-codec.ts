/** Reversible, and the identity for nearly every string: only what a store cannot hold is written as U+FFFF and a letter. */
export interface StringCodec {
  encode(text: string): string
  decode(text: string): string
}

const ESCAPE = '\uffff'

/** What each spelled character becomes after U+FFFF; letters, so that no spelling holds a character that is itself spelled. */
const SPELLINGS = { '\0': '0', '\ufeff': 'b', [ESCAPE]: 'f', '.': 'd', $: 's', '': 'e' } as const
type Spelled = keyof typeof SPELLINGS

/**
 * A codec for names, string values or field names that a store would lose or refuse.
 *
 * - `nul`: U+0000 anywhere (PostgreSQL text, BSON field names)
 * - `leadingMark`: U+FEFF at the start (a TextDecoder drops it)
 * - `fieldName`: `.` and `$` anywhere, and the empty string (MongoDB)
 *
 * Different strings have different encodings, and the characters keep their order. Lone surrogates need none: core refuses them.
 * @example `stringCodec({ nul: true }).encode(name)`
 */
export function stringCodec(hazards: {
  readonly nul?: boolean
  readonly leadingMark?: boolean
  readonly fieldName?: boolean
}): StringCodec {
  const anywhere = [ESCAPE, ...(hazards.nul ? ['\0'] : []), ...(hazards.fieldName ? ['.', '$'] : [])]
  const classes = anywhere.map((character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')
  const leading = hazards.leadingMark ? '|^\\ufeff' : ''
  const hazard = new RegExp(`[${classes}]${leading}`)
  const hazardsAll = new RegExp(hazard, 'g')
  const letters = new Map(Object.entries(SPELLINGS).map(([character, letter]) => [letter as string, character]))
  const spell = (character: string): string => ESCAPE + SPELLINGS[character as Spelled]
  return {
    encode(text) {
      if (text === '') return hazards.fieldName ? spell('') : text
      return hazard.test(text) ? text.replace(hazardsAll, spell) : text
    },
    decode(text) {
      return text.includes(ESCAPE)
        ? text.replace(/\uffff(.)/g, (spelled, letter: string) => letters.get(letter) ?? spelled)
        : text
    },
  }
}
