import type { CellChoice } from '@kairos/move'
import type { Call } from '../command.ts'
import type { ChoiceFlags } from '../flags/choice.ts'
import { type Misuse, mustBe } from '../misuse.ts'
import type { Opened } from '../stores/opened.ts'
import { boundsOf, type Clock } from '../times/parse-time.ts'

/** The cells of a timeseries that a call means. @throws Misuse */
export function choiceOf(
  { flags, signal }: Pick<Call<ChoiceFlags>, 'flags' | 'signal'>,
  { intervals, label }: Pick<Opened, 'intervals' | 'label'>,
  clock: Clock,
): CellChoice {
  const { names, prefix, interval, patience } = flags
  const unknown = interval?.find((each) => !intervals.has(each))
  if (unknown !== undefined) throw notAmong(unknown, label, intervals.keys())
  return {
    ...{ names, prefix, intervals: interval, signal, patience },
    ...boundsOf(flags, clock),
  }
}

/** For an interval that is not there. */
export function notAmong(interval: string, label: string, known: Iterable<string>): Misuse {
  return mustBe('--interval', `among the intervals of ${label} (${[...known].join(', ')})`, interval)
}
