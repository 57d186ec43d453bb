import type { DriverTest } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { show } from '../internal/same.ts'
import { NOW } from '../test-context.ts'

/** Names that one prefix finds, and others that only look alike: stores may give these characters a meaning of their own. */
const NAMES = [
  ...['/a', '/b', '%_é', '\\', `"';`].flatMap((route) => [200, 503].map((status) => ({ name: 'a_%', route, status }))),
  'a_%25',
  'a_%',
  'aa%25;route=/a',
  { name: 'A_%', route: '/a' },
]

/** What is found by names and labels depends on how a store lists names with a prefix, and on nothing else. */
export const labelTests: readonly DriverTest[] = [
  {
    types: ['count'],
    title: 'labels: names are found by them, and grouped',
    run: (context) =>
      agree(context, { type: 'count', intervals: { 'labelled minute': { step: 60 } } }, async (counts, _, answers) => {
        await counts.bulkInsert(NAMES.map((name, index) => ({ name, value: 2 ** index, timestamp: NOW })))
        for (const labels of [{}, { route: /[/%]/, status: [200] }, { route: (text: unknown) => text === undefined }]) {
          for (const shown of [{ split: true }, { groupBy: ['route'] }]) {
            const found = await counts.get({ name: 'a_%', labels }, 'labelled minute', shown)
            answers.set(`${show(shown)} of ${show(labels)}`, found)
          }
        }
        answers.set('one', await counts.properties({ status: 503, route: '/b', name: 'a_%' }))
      }),
  },
]
