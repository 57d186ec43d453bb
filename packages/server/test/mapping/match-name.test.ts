import { describe, expect, it } from 'vitest'
import { defineConfig, type MatchedName, matchName, type ServerConfig } from '../../src/index.ts'

const intervals = { minute: { step: '1min', steps: 60 } } as const
const config = defineConfig({
  stores: { main: 'memory:' },
  timeseries: {
    views: {
      type: 'count',
      intervals,
      match: ['stats.*.views', /^raw\.(views|hits)$/],
      map: (name, value) => (name === 'raw.hits' ? null : [name.replace('stats.', ''), value]),
    },
    times: { type: 'distribution', intervals, match: 'app.**' },
    all: { type: 'series', intervals, match: '**', takes: ['timing'] },
  },
  aggregates: [
    ['app.response_time', 'app.*.response_time'],
    ['app.<status>', 'app.*.status.<status>'],
    ['app.any', 'app.<status>'],
    ['app.<host>', /^app\.(?<host>[^.]+)\./],
  ],
})

describe('matchName', () => {
  it('says which timeseries keep a name, and as what', () => {
    const kept = (name: string) =>
      matchName(config, name).timeseries.map(({ timeseries, stored }) => [timeseries, stored])
    expect(kept('stats.web.views')).toEqual([
      ['views', ['web.views', 1]],
      ['all', ['stats.web.views', 1]],
    ])
    expect(kept('raw.hits')[0]).toEqual(['views', null])
    expect(kept('xraw.hits')).toEqual([['all', ['xraw.hits', 1]]])
    expect(matchName(config, 'app.x').timeseries.map(({ takes }) => takes)).toEqual([['value', 'timing'], ['timing']])
  })

  it('follows aggregates, each once', () => {
    const tree = ({ name, aggregates }: MatchedName): unknown =>
      aggregates.length === 0 ? name : [name, aggregates.map(tree)]
    expect(tree(matchName(config, 'app.web.response_time'))).toEqual([
      'app.web.response_time',
      [['app.response_time', ['app.any']], 'app.web'],
    ])
    expect(tree(matchName(config, 'app.web.status.500'))).toEqual([
      'app.web.status.500',
      [['app.500', ['app.any']], 'app.web'],
    ])
  })

  it('matches globs with a name without its labels', () => {
    const labelled: ServerConfig = {
      ...config,
      timeseries: { views: { type: 'count', intervals, match: ['a.views', 'b;x=*'] } },
      aggregates: [],
    }
    const keeps = (name: string) => matchName(labelled, name).timeseries.length === 1
    expect(['a.views;x=1;y=2', 'a.views', 'b;x=1'].filter(keeps)).toHaveLength(3)
    expect(['b', 'b;y=1', 'a.views.x'].filter(keeps)).toEqual([])
  })

  it('stops at aggregates without end', () => {
    const depth = (pattern: string, target: string): number => {
      let names = 0
      const endless = { ...config, aggregates: [[target, pattern]] } as const satisfies ServerConfig
      for (let at: MatchedName | undefined = matchName(endless, 'a'); at !== undefined; at = at.aggregates[0]) names++
      return names
    }
    expect(depth('<x>', '<x>x')).toBe(101)
    // Of 1, 2, 4 … 512 characters: 1,000 are the most that a name may have.
    expect(depth('<x>', '<x><x>')).toBe(10)
  })

  it('says what is wrong with a configuration', () => {
    const wrong = (path: string, change: object) =>
      expect(() => matchName({ ...config, ...change } as ServerConfig, 'a'), path).toThrow(
        expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG', path }),
      )
    const views = (more: object) => ({ timeseries: { views: { type: 'count', intervals, ...more } } })
    wrong('timeseries.views.match[1]', views({ match: ['a', 7] }))
    wrong('timeseries.views.match', views({ match: /a/g }))
    wrong('timeseries.views.takes[0]', views({ takes: ['counts'] }))
    wrong('timeseries.views.map', views({ map: 'x' }))
    wrong('timeseries.views.rolling', views({ rolling: 1.5 }))
    wrong('timeseries.views.rolling', views({ rolling: 10_001 }))
    wrong('aggregates[0]', { aggregates: [['a']] })
    wrong('aggregates[0][0]', { aggregates: [['a.<x>', 'a.<y>']] })
    wrong('aggregates[0][1]', { aggregates: [['a', '']] })
  })
})
