import type { Flag } from '../command.ts'
import { type RangeFlags, rangeFlags } from './range.ts'

interface NameFlags {
  readonly names: Flag<'texts'>
  readonly prefix: Flag<'text'>
}
export interface ChoiceFlags extends NameFlags, RangeFlags {
  readonly interval: Flag<'list'>
}

/** Which names. */
export const nameFlags: NameFlags = {
  names: { kind: 'texts', value: 'name', summary: 'only this name; may be repeated' },
  prefix: { kind: 'text', value: 'text', summary: 'only names that begin with it' },
}

/** Which cells. */
export const choiceFlags: ChoiceFlags = {
  ...nameFlags,
  interval: { kind: 'list', value: 'names', summary: 'only these intervals, with commas' },
  ...rangeFlags,
}
