import { createYielder } from '../../calls/yielder.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { hasTag, isFunction, isRecord } from '../../internal/kinds.ts'
import { escaped, labelText, parseName } from '../../internal/labels.ts'
import { compareCodePoints } from '../../internal/order.ts'
import type { Context } from '../context.ts'
import { checkLabel, isMatcher, type KnownLabels, listIn, nameOf, noNames } from '../name-of.ts'
import { limitOf, NAMES_IN_PAGE, namePages } from '../names.ts'
import { eachAlone, type Group, type ReadPlan, withGroups } from './plan.ts'

/** How many names are found at most unless the caller says more. */
const USUAL_MOST = 10_000

type Labels = Readonly<Record<string, string>>
/** Whether a label with this text, or none, is wanted. */
type Test = (text: string | undefined) => boolean

/** Names by their labels, checked. */
interface Search {
  /** As it stands in the store, without labels. */
  readonly name: string
  matches(labels: Labels): boolean
}

/**
 * The plan with the names that its matchers find, grouped by labels if that is asked for. Everything is checked before the store is asked.
 * @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE
 */
export async function namedByLabels(context: Context, plan: ReadPlan): Promise<ReadPlan> {
  const { fields, byLabels: asked } = plan
  const { labels } = context.settings
  const groupBy = groupByOf(fields.groupBy, fields.split, labels)
  const most = limitOf('maxNames', fields.maxNames, USUAL_MOST)
  const wanted = listIn(asked).map((each) => (isMatcher(each) ? searchOf(each, labels) : nameOf(context, each)))
  if (wanted.length === 0) throw noNames(asked)
  const names = new Set<string>()
  for (const each of wanted) {
    if (typeof each === 'string') names.add(each)
    else await find(context, plan, each, most, names)
  }
  if (groupBy !== undefined) return withGroups(plan, grouped(names, groupBy))
  return fields.split === true ? withGroups(plan, eachAlone([...names])) : { ...plan, names: [...names] }
}

/** Adds the names that are found; those with labels follow the bare name by code points. */
async function find(
  context: Context,
  plan: ReadPlan,
  { name, matches }: Search,
  most: number,
  names: Set<string>,
): Promise<void> {
  function add(found: string): void {
    names.add(found)
    if (names.size <= most) return
    throw invalidOption(
      'maxNames',
      `maxNames must be at least as many as the names that ${describe(name)} finds, which are more than ${most}; match fewer, or raise it`,
    )
  }
  if (matches({})) {
    const first = await namePages(context, plan, { prefix: name })(context, 1)
    if (first?.[0] === name) add(name)
  }
  const turn = createYielder()
  const pages = namePages(context, plan, { prefix: `${name};` })
  for (let page = await pages(context, NAMES_IN_PAGE); page !== null; page = await pages(context, NAMES_IN_PAGE)) {
    for (const found of page) {
      const labels = labelsOf(found)
      if (labels !== undefined && matches(labels)) add(found)
    }
    await turn()
  }
}

/** @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE */
function searchOf({ name, labels, ...others }: { name: unknown; labels: object }, known: KnownLabels): Search {
  if (typeof name !== 'string' || name === '')
    throw invalidOption('name', `name of a matcher must be a non-empty string, not ${describe(name)}`)
  const [other] = Object.keys(others)
  if (!isRecord(labels) || other !== undefined) {
    const found = other === undefined ? describe(labels) : `with ${describe(other)}`
    throw invalidOption('labels', `a matcher must be { name, labels: { label: … } }, not ${found}`)
  }
  const tests = Object.entries(labels).map(([label, match]): readonly [string, Test] => {
    checkLabel(label, known)
    return [label, testOf(label, match)]
  })
  return {
    name: escaped(name),
    matches: (labels) => tests.every(([label, test]) => test(labelIn(labels, label))),
  }
}

function testOf(label: string, match: unknown): Test {
  if (isFunction(match)) return match as Test
  // Unlike `test`, it does not continue where the last search of a global pattern ended.
  if (isPattern(match)) return (text) => text !== undefined && text.search(match) !== -1
  const texts = Array.isArray(match) ? match.map((each) => labelText(label, each)) : [labelText(label, match)]
  const wanted = new Set<string | undefined>(texts)
  return (text) => wanted.has(text)
}

function isPattern(match: unknown): match is RegExp {
  return hasTag(match, '[object RegExp]')
}

/** Undefined: it is a text with `;` that has no labels. */
function labelsOf(name: string): Labels | undefined {
  try {
    return parseName(name)
  } catch {
    return undefined
  }
}

function labelIn(labels: Labels, label: string): string | undefined {
  return Object.hasOwn(labels, label) ? labels[label] : undefined
}

/** By the code points of their keys. */
function grouped(names: ReadonlySet<string>, groupBy: readonly string[]): readonly Group[] {
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const labels = labelsOf(name) ?? {}
    const texts = groupBy.map((label) => labelIn(labels, label) ?? '')
    const key = texts.length === 1 ? texts[0]! : texts.map(escaped).join(';')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [name])
    else group.push(name)
  }
  return Array.from(groups, ([key, own]) => ({ key, names: own })).sort((one, other) =>
    compareCodePoints(one.key, other.key),
  )
}

/** @throws KAIROS_INVALID_CONFIG, KAIROS_INVALID_VALUE */
function groupByOf(groupBy: unknown, split: unknown, known: KnownLabels): readonly string[] | undefined {
  if (groupBy === undefined) return undefined
  if (split === true)
    throw invalidOption('groupBy', 'groupBy must be left out with split, which shows each name by itself')
  const isLabel = (label: unknown): boolean => typeof label === 'string' && label !== '' && label !== 'name'
  if (!Array.isArray(groupBy) || groupBy.length === 0 || !groupBy.every(isLabel))
    throw invalidOption('groupBy', `groupBy must be a list of at least one label, not ${describe(groupBy)}`)
  for (const label of groupBy) checkLabel(label, known)
  return groupBy
}
