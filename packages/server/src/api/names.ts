import { compareCodePoints } from '@kairos/core/driver'
import type { Served } from '../timeseries/registry.ts'
import { given, namesLike, servedFor } from './asked.ts'
import { text, wholeNumber } from './fields.ts'
import { type Call, type Operation, operation } from './operation.ts'

const USUAL_LIMIT = 100

interface Asked {
  readonly prefix: string | undefined
  readonly match: string | undefined
  readonly after: string | undefined
}

/** This many names of one timeseries. */
async function firstNames(
  call: Call,
  served: Served,
  { prefix, match, after }: Asked,
  limit: number,
): Promise<string[]> {
  if (match === undefined) return await served.timeseries.list(given({ prefix, after, limit, signal: call.signal }))
  const found: string[] = []
  for await (const name of namesLike(call, served, match, after)) {
    if (prefix === undefined || name.startsWith(prefix)) found.push(name)
    if (found.length === limit) break
  }
  return found
}

/** Which names have data. */
export const namesOperation: Operation = operation({
  path: '/api/names',
  summary: 'Names that have data, in the order of their code points, a page at a time.',
  fields: {
    timeseries: text('Only those of this timeseries.'),
    prefix: text('Only names that begin with it.'),
    match: text('Only names that match a pattern such as web.*.hits, node by node.'),
    after: text('Only names after this one: next of the page before.'),
    limit: wholeNumber(`The most different names; default ${USUAL_LIMIT}.`),
  },
  posts: false,
  answer: {
    type: 'object',
    required: ['names', 'next'],
    properties: {
      names: {
        type: 'array',
        items: {
          type: 'object',
          required: ['name', 'timeseries'],
          properties: {
            name: { type: 'string' },
            timeseries: { type: 'array', items: { type: 'string' }, minItems: 1 },
          },
        },
      },
      next: {
        type: ['string', 'null'],
        description: 'What to give as after for the page that follows; null: there is not one.',
      },
    },
  },
  async run({ timeseries, limit = USUAL_LIMIT, ...asked }, call) {
    const most = Math.min(limit, call.limits.maxNames)
    const searched = timeseries === undefined ? [...call.registry.served.values()] : [servedFor(call, timeseries)]
    const owners = new Map<string, string[]>()
    for (const served of searched)
      for (const name of await firstNames(call, served, asked, most + 1))
        owners.set(name, [...(owners.get(name) ?? []), served.name])
    const sorted = [...owners].sort(([one], [other]) => compareCodePoints(one, other))
    const names = sorted.slice(0, most).map(([name, timeseries]) => ({ name, timeseries }))
    return { names, next: sorted.length > most ? names.at(-1)!.name : null }
  },
})
