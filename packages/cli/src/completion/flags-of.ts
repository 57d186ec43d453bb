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

/** The words that follow a command, where it takes only some: also those of `help`. */
export function choicesOf(commands: readonly Command[]): (readonly [command: string, words: readonly string[]])[] {
  const own = commands.flatMap(({ name, words }) => {
    const choices = words.flatMap((word) => word.choices ?? [])
    return choices.length === 0 ? [] : [[name, choices] as const]
  })
  return [...own, ['help', commands.map(({ name }) => name)]]
}
