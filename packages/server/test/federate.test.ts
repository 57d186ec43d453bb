import { expect, it } from 'vitest'
import { answersOf, NOW } from './fixtures/answers.ts'

it('shows Prometheus the newest finished buckets of chosen names', async () => {
  const intervals = { minute: { step: '1min', steps: 240 } } as const
  const answers = answersOf({ hits: { type: 'count', intervals }, times: { type: 'distribution', intervals } })
  const [hits, times] = [answers.timeseries('hits'), answers.timeseries('times')]
  for (const [minute, value] of [
    [-2, 3],
    [-1, 5],
    [0, 7],
  ] as const) {
    await hits.insert('web.a.hits', value, { timestamp: NOW + minute * 60 })
    await hits.insert('web_a.hits;host=h"1\\;zone=\n', value + 1, { timestamp: NOW + minute * 60 })
  }
  await hits.insert('web.gone.hits', 1, { timestamp: NOW - 600 })
  await times.insert('web.a.time', [1, 2, 3], { timestamp: NOW - 60 })
  const ask = async (query: string) => await (await answers.ask(`/federate?${query}`)).text()
  expect(await ask('match[]=web.*.hits&match[]=web.a.time.count&match[]=web_a.hits;*')).toBe(
    [
      '# HELP web_a_hits The newest finished bucket.',
      '# TYPE web_a_hits gauge',
      `web_a_hits{kairos_name="web.a.hits"} 5 ${NOW}000`,
      `web_a_hits{host="h\\"1\\\\",zone="\\n",kairos_name="web_a.hits"} 6 ${NOW}000`,
      '# HELP web_a_time_count The newest finished bucket.',
      '# TYPE web_a_time_count gauge',
      `web_a_time_count{kairos_name="web.a.time.count"} 3 ${NOW}000`,
      '',
    ].join('\n'),
  )
  expect(await ask('match[]=web.gone.hits&lookback=1h')).toContain(
    `web_gone_hits{kairos_name="web.gone.hits"} 1 ${NOW - 540}000`,
  )
  expect(await ask('')).toContain('match[] must be given')
})
