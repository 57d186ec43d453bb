import type { Command, Flag } from '../command.ts'
import { longOf } from '../flags/long.ts'
import { sharedFlags } from '../flags/shared.ts'

/** The flags of a command, as they are typed. */
export function flagsOf({ flags }: Command): (readonly [long: string, flag: Flag])[] {
  return Object.entries({ ...flags, ...sharedFlags }).map(([name, flag]) => [longOf(name), flag as Flag] as const)
}

/** A text in single quotes, for bash and zsh. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
