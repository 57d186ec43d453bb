import type { Call, Flag, Given } from '../command.ts'
import { Failed, Misuse } from '../misuse.ts'
import type { Opened } from '../stores/opened.ts'

/** Names that need not be listed. */
export interface ManyFlags {
  readonly prefix: Flag<'text'>
  readonly all: Flag<'boolean'>
}
export const manyFlags: ManyFlags = {
  prefix: { kind: 'text', value: 'text', summary: 'the names that begin with it' },
  all: { kind: 'boolean', summary: 'all names' },
}

/** More names are not read together unless `--max-names` says so. */
const MOST = 10_000

type NamesCall = Pick<Call<ManyFlags>, 'flags' | 'signal'>
/** A call that reads names together. */
export type TogetherCall = NamesCall & {
  readonly flags: { readonly where?: unknown; readonly maxNames?: number | undefined }
}

/** Whether flags say which names are meant. */
export function meansMany({ prefix, all }: Given<ManyFlags>): boolean {
  return prefix !== undefined || all === true
}

/** Names are given in one way. @throws Misuse */
export function checkNames(words: readonly string[], flags: Given<ManyFlags>): void {
  const ways = [words.length > 0, flags.prefix !== undefined, flags.all === true].filter(Boolean).length
  if (ways === 0) throw new Misuse('names must be given: those that list shows, --prefix or --all')
  if (ways > 1) throw new Misuse('only one of names, --prefix and --all must be given')
}

/** The names that are given, or that begin with `--prefix`, or all. @throws Misuse */
export async function* namesAsked(
  words: readonly string[],
  { flags, signal }: NamesCall,
  { timeseries }: Opened,
): AsyncGenerator<string> {
  checkNames(words, flags)
  if (words.length > 0) yield* words
  else yield* timeseries.names({ prefix: flags.prefix ?? '', signal, patience: flags.patience })
}

/** The same at once, to be read together. @throws Misuse, Failed where there is not one */
export async function namesTogether(
  words: readonly string[],
  call: TogetherCall,
  opened: Opened,
): Promise<readonly string[]> {
  const { where, prefix, maxNames = MOST } = call.flags
  if (meansMany(call.flags) && where !== undefined)
    throw new Misuse('--where must be used with names, without their labels')
  const names: string[] = []
  for await (const name of namesAsked(words, call, opened)) {
    if (names.push(name) > maxNames && words.length === 0)
      throw new Misuse(`there are more than ${maxNames} such names in ${opened.label}: --max-names allows more`)
  }
  if (names.length > 0) return names
  const such = prefix === undefined ? 'a name' : `a name that begins with ${JSON.stringify(prefix)}`
  throw new Failed(`${opened.label} has no data of ${such}: list shows the names that do`)
}

/** Names in a sentence. */
export function shownNames(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.length} names (${names.slice(0, 3).join(', ')}, …)`
}
