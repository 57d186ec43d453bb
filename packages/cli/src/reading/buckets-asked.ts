import type { Given } from '../command.ts'
import type { Opened } from '../stores/opened.ts'
import { chooseInterval } from './choose-interval.ts'
import { checkNames, type ManyFlags, meansMany, namesTogether, type TogetherCall } from './names-asked.ts'

/** The words of a call for buckets. */
export const bucketWords = [
  { name: 'name', summary: 'names, and the interval where --interval is not given', many: true, optional: true },
] as const

type BucketsCall = TogetherCall & {
  readonly words: readonly string[]
  readonly flags: { readonly interval?: string | undefined }
}

/** Where flags say which names are meant, a word can only be the interval. @throws Misuse */
export function checkBucketWords(words: readonly string[], flags: Given<ManyFlags>): void {
  checkNames(meansMany(flags) ? [] : words, flags)
}

/** The interval and the names whose buckets are meant; `given`: those names that are words. @throws Misuse, Failed */
export async function bucketsAsked(
  call: BucketsCall,
  opened: Opened,
): Promise<{ readonly interval: string; readonly names: readonly string[]; readonly given: readonly string[] }> {
  const { words, flags } = call
  const { interval, names: given } = chooseInterval(words, flags.interval, opened, !meansMany(flags))
  return { interval, names: await namesTogether(given, call, opened), given }
}
