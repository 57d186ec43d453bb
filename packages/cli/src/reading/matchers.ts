import type { LabelMatch, Matcher } from '@kairos/core'
import { Misuse, mustBe } from '../misuse.ts'

/** The names as they are given; with conditions, all names that have such a name and such labels. @throws Misuse */
export function matchersOf(
  names: readonly string[],
  where: readonly string[] | undefined,
): readonly (string | Matcher)[] {
  if (where === undefined) return names
  const labels = Object.fromEntries(where.map(conditionOf))
  if (Object.keys(labels).length < where.length) throw new Misuse('--where must be given once for each label')
  return names.map((name) => ({ name, labels }))
}

function conditionOf(text: string): [label: string, match: LabelMatch] {
  const [, label = '', sign, value = ''] = /^([^=~!]+)(=|!=|~|!~)(.+)$/s.exec(text) ?? []
  switch (sign) {
    case '=': {
      const values = value.split(',')
      return [label, values.length === 1 ? value : values]
    }
    case '!=':
      return [label, (found: string | undefined) => found !== value]
    case '~':
      return [label, patternOf(value)]
    case '!~': {
      const pattern = patternOf(value)
      return [label, (found: string | undefined) => found === undefined || !pattern.test(found)]
    }
    default:
      throw mustBe(
        '--where',
        'a label and its value, such as status=500, status!=200, route~^/api or route!~^/api',
        text,
      )
  }
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, 'u')
  } catch (error) {
    throw new Misuse(`--where must have a regular expression: ${(error as Error).message}`)
  }
}
