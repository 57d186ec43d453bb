import type { Call } from '../command.ts'
import type { WhereFlags } from '../flags/labels.ts'
import type { OutputFlags } from '../flags/output.ts'
import type { BucketFlags, TransformFlags } from '../flags/reading.ts'
import { mustBe } from '../misuse.ts'
import type { Opened } from '../stores/opened.ts'
import { clockIn } from '../times/clock-in.ts'
import type { Clock } from '../times/parse-time.ts'
import { fillOf } from './fill.ts'
import { type Transforms, transformsOf, usualTransforms } from './transforms.ts'

/** What the calls of all reads have. */
type ReadCall = Pick<Call<TransformFlags & OutputFlags & WhereFlags>, 'flags' | 'signal'>
type BucketCall = Pick<Call<BucketFlags & OutputFlags & WhereFlags>, 'flags' | 'signal'>

/** The moment and the zone that a read's times are parsed with: those asked for, else those of the interval. */
export function clockOf(zone: string | undefined, opened: Opened, interval?: string): Clock {
  const [first] = opened.intervals.keys()
  const { zone: own } = opened.intervals.get(interval ?? first!)!
  return clockIn(zone ?? own)
}

/** The library's options of all reads. */
export function readOptions(
  { flags, signal }: ReadCall,
  { type, named }: Opened,
): { options: object; transforms: Transforms } {
  const macro = macroOf(flags.macro, named.macros)
  const names = flags.transform ?? ('transform' in macro ? [] : usualTransforms(type))
  const transforms = transformsOf(names, named.transforms)
  const fill = fillOf(flags.fill)
  const { maxGap, maxNames, patience } = flags
  return {
    transforms,
    options: { ...macro, signal, patience, ...given({ maxGap, maxNames, fill, transform: transforms.transform }) },
  }
}

/** And those of reads that show an interval's buckets. A zone is the library's only where it makes other buckets; it always shows times. */
export function bucketOptions(call: BucketCall, opened: Opened): ReturnType<typeof readOptions> {
  const { every, zone, offset, condense } = call.flags
  const { options, transforms } = readOptions(call, opened)
  return { transforms, options: { ...options, ...given({ every, offset, condense, zone: every && zone }) } }
}

/** The options that a configuration has under a name. @throws Misuse */
function macroOf(name: string | undefined, macros: Opened['named']['macros'] = {}): object {
  if (name === undefined) return {}
  if (Object.hasOwn(macros, name)) return macros[name]!
  throw mustBe(
    '--macro',
    `a macro of the configuration (${Object.keys(macros).join(', ') || 'there is not one'})`,
    name,
  )
}

/** Without what is undefined: the library takes an option that is there as given. */
export function given(options: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
