import { nearMiss } from '@kairos/core/calls'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { aliasFunctions } from './alias.ts'
import { bucketFunctions } from './buckets.ts'
import { combineFunctions } from './combine.ts'
import { filterFunctions } from './filter.ts'
import { gapFunctions } from './gaps.ts'
import { graphFunctions } from './graph.ts'
import { groupFunctions } from './group.ts'
import { lineFunctions } from './lines.ts'
import { listFunctions } from './lists.ts'
import { mathFunctions } from './math.ts'
import { movingFunctions } from './moving.ts'
import { percentFunctions } from './percent.ts'
import { percentileFunctions } from './percentile.ts'
import { rateFunctions } from './rates.ts'
import { sortFunctions } from './sort.ts'
import { timeFunctions } from './time.ts'

/** Every function by its name. */
export const FUNCTIONS: ReadonlyMap<string, GraphiteFunction> = new Map(
  [
    aliasFunctions,
    bucketFunctions,
    combineFunctions,
    filterFunctions,
    gapFunctions,
    graphFunctions,
    groupFunctions,
    lineFunctions,
    listFunctions,
    mathFunctions,
    movingFunctions,
    percentFunctions,
    percentileFunctions,
    rateFunctions,
    sortFunctions,
    timeFunctions,
  ].flatMap((family) => Object.entries(family)),
)

/** @throws RequestError, with the name that was probably meant */
export function functionNamed(name: string): GraphiteFunction {
  const found = FUNCTIONS.get(name)
  if (found !== undefined) return found
  const names = [...FUNCTIONS.keys()]
  const wanted = name.toLowerCase()
  const near = [
    nearMiss(name, names),
    ...names.filter((other) => wanted.length > 2 && other.toLowerCase().includes(wanted)),
  ]
  const meant = [...new Set(near)].filter((other) => other !== undefined).slice(0, 5)
  const hint = meant.length === 0 ? '; /functions lists them' : `; did you mean ${meant.join(' or ')}?`
  throw new RequestError(400, `there is no function ${quoted(name)}${hint}`)
}
