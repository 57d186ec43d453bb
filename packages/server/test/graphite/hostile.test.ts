import { expect, it } from 'vitest'
import { answersOf, NOW } from '../fixtures/answers.ts'
import vectors from '../vectors/graphite-web.json' with { type: 'json' }

const ROUNDS = process.env.KAIROS_TEST_SIZE === 'long' ? 300 : 1
const PIECES = [
  ...['(', ')', ',', '"', "'", '.', '*', '{', '}', '[', ']', '|', '=', ';', '\\', '%', '$x', '\0', '\u{10ffff}'],
  ...['-1', '0', '1e308', 'None', 'inf', '"1h"', '"-1y"', '""', '"(a*)*$"', '"\\\\1"', '9'.repeat(30), 'x'.repeat(300)],
  ...['web.*.*', 'web.a.time.*', 'scale(', 'sumSeries(', 'movingAverage(web.a.hits,3)', 'constantLine(1)'],
]
/** What takes a text of a caller. */
const PATHS = [
  '/render?from=-1h&target=',
  '/render?from=-1h&target=',
  '/metrics/find?query=',
  '/tags/findSeries?expr=',
  '/render?target=a&from=',
  '/series?stat=',
  '/federate?match[]=',
  '/api/query?timeseries=hits&start=-1h&match=',
]

/** Numbers from 0 on, below a limit, the same in each run. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
}

it('texts of callers are answered, or refused with what is wrong', { timeout: 3_600_000 }, async () => {
  const intervals = { minute: { step: '1min', steps: 240 }, hour: { step: '1h', steps: 48 } } as const
  const answers = answersOf({ hits: { type: 'count', intervals }, times: { type: 'distribution', intervals } })
  for (const minute of [-50, -20, -1]) {
    for (const name of ['web.a.hits', 'web.b.hits', 'disk.used;host=h1'])
      await answers.timeseries('hits').insert(name, 3, { timestamp: NOW + minute * 60 })
    await answers.timeseries('times').insert('web.a.time', [1, 2], { timestamp: NOW + minute * 60 })
  }
  const below = numbers(20)
  for (let round = 0; round < ROUNDS; round++)
    for (const [target] of vectors.cases as unknown as [string][]) {
      const at = below(target.length)
      const piece = PIECES[below(PIECES.length)]!
      const text = (target.slice(0, at) + piece + target.slice(at + below(4))).toWellFormed()
      const path = PATHS[below(PATHS.length)]! + encodeURIComponent(text)
      const { status } = await answers.ask(path)
      expect([200, 400], `${status} of ${path}`).toContain(status)
    }
})
