import type { Flag } from '../command.ts'
import { type RangeFlags, rangeFlags } from './range.ts'

export interface ChoiceFlags extends RangeFlags {
  readonly names: Flag<'texts'>
  readonly prefix: Flag<'text'>
  readonly interval: Flag<'list'>
}

/** Which cells. */
export const choiceFlags: ChoiceFlags = {
  names: { kind: 'texts', value: 'name', summary: 'only this name; may be repeated' },
  prefix: { kind: 'text', value: 'text', summary: 'only names that begin with it' },
  interval: { kind: 'list', value: 'names', summary: 'only these intervals, with commas' },
  ...rangeFlags,
}
