import { open, readFile } from 'node:fs/promises'
import { checkKeys, invalidOption } from '@kairos/core/driver'
import { type Files, filesIn } from '../listed/files.ts'
import { type ListedCell, listedSource } from '../listed/listed-source.ts'
import { Losses } from '../listed/losses.ts'
import { configOfSteps, intervalOf } from '../listed/steps.ts'
import type { ForeignSource } from '../listed/types.ts'
import { LONGEST_HEADER, newestIn, parseWhisperHeader, pointsOf, type WhisperHeader } from './whisper-file.ts'

/** How Whisper files are read. */
export interface WhisperOptions {
  /** Default `'gauge'`, of floats; `'count'` where the values are numbers of events, of files that are aggregated by `sum` alone. */
  readonly type?: 'gauge' | 'count' | undefined
  /** When the retention of the archives ends, in Unix seconds; default: at the newest point of each file. */
  readonly now?: number | undefined
}

/**
 * Opens Whisper files of Graphite, to be read like a timeseries: each archive step is an interval, `'60s'`, `'3600s'`, and each file a name. `files` is a folder, whose
 * `servers/a/load.wsp` is `servers.a.load`, a file, or an object of paths by names. What cannot be read is in `report()`.
 * @throws KAIROS_INVALID_CONFIG
 * @example
 * const old = await openWhisper('/var/lib/graphite/whisper')
 * const fresh = createTimeseries('sqlite:metrics.db', { type: 'gauge', intervals: { minute: { step: 60, steps: 1440 }, hour: { step: 3600 } } })
 * await migrate(old, fresh, { verify: true })
 */
export async function openWhisper(files: Files, options: WhisperOptions = {}): Promise<ForeignSource> {
  checkKeys(options, ['type', 'now'], { owner: 'openWhisper' })
  const { type = 'gauge', now } = options
  if (type !== 'gauge' && type !== 'count')
    throw invalidOption({ path: 'type', expected: "'gauge' or 'count'", value: type })
  const losses = new Losses()
  const paths = await filesIn(files, '.wsp')
  const headers = new Map<string, WhisperHeader>()
  for (const [name, path] of paths) {
    const header = await headerOf(path)
    if (header === undefined) losses.add('it is not a Whisper file, or is cut off', path)
    else if (type === 'count' && header.aggregation !== 'sum')
      losses.add(`its values are not aggregated by sum, but by ${header.aggregation}`, path)
    else headers.set(name, header)
  }
  const steps = new Set([...headers.values()].flatMap(({ archives }) => archives.map(({ step }) => step)))
  if (steps.size === 0)
    throw invalidOption({ path: 'files', expected: 'a place with Whisper files (.wsp)', value: files })

  async function* cellsOf(name: string, interval: string): AsyncGenerator<ListedCell> {
    const header = headers.get(name)!
    const archive = header.archives.find(({ step }) => intervalOf(step) === interval)
    if (archive === undefined) return
    const file = await readFile(paths.get(name)!)
    for (const { start, value } of pointsOf(file, archive, now ?? newestIn(file, header))) {
      if (Number.isFinite(value)) yield { start, value }
      else losses.add('its value is not a finite number', `${name} ${interval} ${start}`)
    }
  }

  return listedSource({ config: configOfSteps(type, steps), names: async () => [...headers.keys()], cellsOf, losses })
}

async function headerOf(path: string): Promise<WhisperHeader | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const { buffer, bytesRead } = await file.read(Buffer.alloc(LONGEST_HEADER), 0, LONGEST_HEADER, 0)
    return parseWhisperHeader(buffer.subarray(0, bytesRead), size)
  } finally {
    await file.close()
  }
}
