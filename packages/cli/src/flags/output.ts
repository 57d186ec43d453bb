import type { Flag } from '../command.ts'

export type Format = 'table' | 'json' | 'ndjson' | 'csv'
const FORMATS: readonly Format[] = ['table', 'json', 'ndjson', 'csv']

export interface OutputFlags {
  readonly format: Flag<'text'>
  readonly zone: Flag<'text'>
}

/** How rows are written. */
export const outputFlags: OutputFlags = {
  format: {
    kind: 'text',
    value: 'format',
    choices: FORMATS,
    summary: 'table on a terminal, ndjson in a pipe',
  },
  zone: { kind: 'text', value: 'zone', summary: 'the time zone of days and of times, such as Europe/Berlin' },
}
