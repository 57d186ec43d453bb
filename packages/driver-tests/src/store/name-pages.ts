import type { NamesPage, NamesQuery, TimeseriesType } from '@kairos/core/driver'
import { compareCodePoints } from '@kairos/core/driver'
import { type DriverTest, ofTypes } from '../driver-test.ts'
import { kinds } from '../internal/kinds.ts'
import { allNames } from '../internal/pages.ts'
import { claim, same } from '../internal/same.ts'
import { ALL_TYPES } from '../internal/types.ts'
import type { OpenedCells } from '../test-context.ts'
import { ALWAYS, cell, write } from './cells.ts'

const INTERVALS = { 'paged minute': { step: 60 }, 'paged hour': { step: 3600, resolution: 60 } }
const EVERY = { 'paged minute': ALWAYS, 'paged hour': ALWAYS }

/** In the order of their code points, which differs from that of their UTF-16 code units in the last two. */
const NAMES = ['', ' ', '%', '*', 'A', '_', 'a', 'a ', 'aa', 'ab', 'a\u{ffff}', 'b', 'é', '\u{ffff}', '\u{10000}', '😀']
  .map((suffix) => `p${suffix}`)
  .sort(compareCodePoints)

const PREFIXES = ['', 'p', 'pa', 'pab', 'pa ', 'pé', 'p\u{10000}', 'q', 'p%', 'p_', 'P']

export const namePageTests: readonly DriverTest[] = ofTypes(ALL_TYPES, testsOf)

function testsOf(type: TimeseriesType): DriverTest[] {
  const { change } = kinds[type]
  return [
    {
      title: `names: ${type}: pages in the order of code points, by prefix and after a name`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        await opened.store.delete(null)
        await write(
          opened,
          NAMES.map((name, index) =>
            index % 2 === 0
              ? cell(name, 'paged minute', index, 0, change(index))
              : cell(name, 'paged hour', 1, 60 + index, change(index)),
          ),
        )
        for (const limit of [1, 3, NAMES.length, 1_000]) {
          await Promise.all(
            [undefined, ...PREFIXES].map(async (prefix) => {
              const own = NAMES.filter((name) => name.startsWith(prefix ?? ''))
              const query = { limit, ...(prefix !== undefined && { prefix }) }
              await expectPages(opened, query, own, `pages of ${limit} with the prefix ${prefix}`)
            }),
          )
        }
        await Promise.all(
          ['', 'o', ...NAMES, 'pb\0', 'q', '😀'].map(async (after) => {
            const own = NAMES.filter((name) => compareCodePoints(name, after) > 0)
            await expectPages(opened, { limit: 4, after }, own, `pages after ${JSON.stringify(after)}`)
            const letters = own.filter((name) => name.startsWith('pa'))
            await expectPages(opened, { limit: 4, after, prefix: 'pa' }, letters, `pages of pa after ${after}`)
          }),
        )
        await opened.store.delete(null)
        same(await allNames(opened.store, EVERY), [], 'names after everything was deleted')
      },
    },
    {
      title: `names: ${type}: pages while names come and go`,
      async run(context) {
        const opened = await context.cells({ type, intervals: INTERVALS })
        await opened.store.delete(null)
        const staying = Array.from({ length: 40 }, (_, index) => `stay ${String(index).padStart(2, '0')}`)
        const going = staying.map((name) => `${name} for a while`)
        const cellOf = (name: string) => cell(name, 'paged minute', 3, 0, change(1))
        await write(opened, [...staying, ...going].map(cellOf))
        const query = { oldestLive: EVERY, limit: 7 }
        const found: string[] = []
        let page: NamesPage = await opened.store.names(query)
        for (let round = 0; ; round++) {
          found.push(...page.names)
          if (page.next === undefined) break
          await opened.store.delete(going.slice(round * 3, round * 3 + 3))
          await write(opened, [cellOf(`came ${round}`), cellOf(`zzz ${round}`)])
          page = await opened.store.names({ ...query, after: page.next })
          claim(round < 100, 'pages end')
        }
        same(
          found.filter((name) => staying.includes(name)),
          staying,
          'the names that were there all the time',
        )
        claim(new Set(found).size === found.length, 'no name comes twice')
        await opened.store.delete(null)
      },
    },
  ]
}

async function expectPages(
  { store }: OpenedCells,
  query: Omit<NamesQuery, 'oldestLive'>,
  expected: readonly string[],
  what: string,
): Promise<void> {
  const found: string[] = []
  for (let after = query.after; ; ) {
    const page = await store.names({ ...query, oldestLive: EVERY, ...(after !== undefined && { after }) })
    claim(page.names.length <= query.limit, `${what}: a page has ${page.names.length} names`)
    found.push(...page.names)
    if (page.next === undefined) break
    claim(
      after === undefined || compareCodePoints(page.next, after) > 0,
      `${what}: the next page does not lie further on`,
    )
    after = page.next
  }
  same(found, expected, what)
}
