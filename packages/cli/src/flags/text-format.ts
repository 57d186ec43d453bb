import { extname } from 'node:path'
import type { Format } from '@kairos/move'

/** What is exported and imported. */
export const TEXT_FORMATS: readonly Format[] = ['ndjson', 'csv', 'json']

const ENDINGS: Readonly<Record<string, Format>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.json': 'json',
}

/** The format that the ending of a file says, if it does. */
export function formatOfFile(file: string | undefined): Format | undefined {
  return file === undefined ? undefined : ENDINGS[extname(file).toLowerCase()]
}
