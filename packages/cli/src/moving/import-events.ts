import { createEventStore } from '@kairos/events'
import { type ImportKronosResult, importKronos } from '@kairos/move'
import type { Call, Flag } from '../command.ts'
import type { RangeFlags } from '../flags/range.ts'
import type { PlaceFlags } from '../flags/store.ts'
import { Misuse } from '../misuse.ts'
import { storesOf } from '../stores/where.ts'
import { startProgress } from '../terminal/progress.ts'
import { clockIn } from '../times/clock-in.ts'
import { boundsOf } from '../times/parse-time.ts'
import { interruptible } from './interruptible.ts'
import type { KronosFlags } from './kronos-flags.ts'

type EventsCall = Pick<
  Call<KronosFlags & PlaceFlags & RangeFlags & { readonly zone: Flag<'text'> }>,
  'words' | 'flags' | 'env' | 'terminal' | 'signal'
>

/** Brings the events of a Kronos server into an event store; an id is stored once. @throws Misuse */
export async function importEvents(call: EventsCall): Promise<ImportKronosResult> {
  const { words, flags, env, terminal, signal } = call
  const [url, ...others] = words
  if (url === undefined || others.length > 0) throw new Misuse('the URL of one Kronos server must be given')
  const [store, ...more] = await storesOf(call)
  if (store === undefined || more.length > 0) throw new Misuse('one store must be chosen: --store')
  const { streams, namespace = 'kronos', resume, patience } = flags
  const { start, end } = boundsOf(flags, clockIn(flags.zone))
  const events = createEventStore(store, { namespaces: [namespace] })
  const progress = startProgress(terminal, 'events')
  const token = env.KAIROS_TOKEN
  try {
    const work = importKronos(url, events, {
      ...{ streams, from: namespace, resume, signal },
      ...{ start: dateOf(start), end: dateOf(end) },
      client: { ...(token && { token }), ...(patience !== undefined && { patience }) },
      onProgress: ({ inserted, duplicates }) => progress.update(inserted + duplicates),
    })
    return await interruptible(signal, 'run the same command to continue, with --resume from where it stopped', work)
  } finally {
    progress.stop()
    await events.close()
  }
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000)
}
