import type { CellChoice } from '@kairos/move'
import type { Call } from '../command.ts'
import type { ChoiceFlags } from '../flags/choice.ts'
import { mustBe } from '../misuse.ts'
import type { Opened } from '../stores/opened.ts'
import { boundsOf, type Clock } from '../times/parse-time.ts'

/** The cells that a call means. @throws Misuse */
export function choiceOf(
  { flags, signal }: Pick<Call<ChoiceFlags>, 'flags' | 'signal'>,
  { intervals, label }: Pick<Opened, 'intervals' | 'label'>,
  clock: Clock,
): CellChoice {
  const { names, prefix, interval, patience } = flags
  const unknown = interval?.find((each) => !intervals.has(each))
  if (unknown !== undefined)
    throw mustBe('--interval', `among the intervals of ${label} (${[...intervals.keys()].join(', ')})`, unknown)
  return {
    ...{ names, prefix, intervals: interval, signal, patience },
    ...boundsOf(flags, clock),
  }
}
