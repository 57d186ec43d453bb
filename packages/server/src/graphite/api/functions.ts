import { RequestError } from '@kairos/events/http'
import { quoted } from '../../http/quoted.ts'
import type { ServerRequest } from '../../http/route.ts'
import { FUNCTIONS } from '../functions/index.ts'
import type { GraphiteFunction } from '../graphite-function.ts'
import { fieldOf } from './fields.ts'

/** A function as Grafana's editor reads it. */
function informationOn(name: string, { group, description, params }: GraphiteFunction): object {
  return {
    name,
    function: `${name}(${[...params].map(([param, { multiple }]) => (multiple ? `*${param}` : param)).join(', ')})`,
    description,
    module: 'graphite.render.functions',
    group,
    params: [...params].map(([param, { type, required, multiple, default: usual, options, suggestions }]) => ({
      name: param,
      type,
      ...(required && { required }),
      ...(multiple && { multiple }),
      ...(usual !== undefined && usual !== null && { default: usual }),
      ...(options && { options }),
      ...(suggestions && { suggestions }),
    })),
  }
}

/** The answer to `/functions`. */
export function functionList({ fields }: ServerRequest): Response {
  const wanted = fieldOf(fields, 'group')
  const all = [...FUNCTIONS]
    .filter(([, { group }]) => wanted === undefined || group === wanted)
    .map(([name, found]) => [name, informationOn(name, found), found.group] as const)
  if (!['1', 'true'].includes(fieldOf(fields, 'grouped') ?? ''))
    return Response.json(Object.fromEntries(all.map(([name, information]) => [name, information])))
  const groups = [...new Set(all.map(([, , group]) => group))]
  const grouped = groups.map((group) => [
    group,
    Object.fromEntries(all.filter(([, , own]) => own === group).map(([name, information]) => [name, information])),
  ])
  return Response.json(Object.fromEntries(grouped))
}

/** The answer to `/functions/<name>`. */
export function functionDetails({ parts: { name = '' } }: ServerRequest): Response {
  const found = FUNCTIONS.get(name)
  if (found === undefined) throw new RequestError(404, `there is no function ${quoted(name)}`)
  return Response.json(informationOn(name, found))
}
