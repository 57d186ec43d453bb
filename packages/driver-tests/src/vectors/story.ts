import { show } from '../internal/same.ts'
import { configOf, type Scenario } from './scenario.ts'

/** A scenario as code, with its question as the last line; the difference follows. */
export function storyOf(scenario: Scenario): string {
  const { id, kind, now, ops, query } = scenario
  const { type, valueType, intervals } = configOf(scenario)
  const { method, name, interval, options } = query
  return [
    `${id}: ${method} of a ${type}${valueType === undefined ? '' : ` of ${valueType}`} over "${kind}" intervals`,
    `  ${show(intervals)}, at ${now}`,
    ...ops.map(({ op, ...args }) => `  ${op}(${argumentsText(args)})`),
    `  ${method}(${argumentsText({ name, interval, ...options })}) differs`,
  ].join('\n')
}

function argumentsText(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${show(value)}`)
    .join(', ')
}
