import { extname } from 'node:path'
import type { Format } from '@kairos/move'
import type { Flag } from '../command.ts'

const FORMATS: readonly Format[] = ['ndjson', 'csv', 'json']

/** As what is exported and imported. */
export const textFormatFlag: Flag<'text'> = {
  kind: 'text',
  value: 'format',
  choices: FORMATS,
  summary: "default: by the file's ending, otherwise ndjson",
}

const ENDINGS: Readonly<Record<string, Format>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.json': 'json',
}

/** The format that is asked for, else what the ending of the file says. */
export function textFormatOf(format: string | undefined, file = ''): Format {
  return (format as Format | undefined) ?? ENDINGS[extname(file).toLowerCase()] ?? 'ndjson'
}
