import { describe } from './describe.ts'

/** A value as text for an error's details: a string as it is. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : describe(value)
}
