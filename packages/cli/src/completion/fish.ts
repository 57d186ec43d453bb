import type { Command } from '../command.ts'
import { choicesOf, flagsOf } from './flags-of.ts'

/** A script for fish, with what commands and flags are for. */
export function fishCompletion(commands: readonly Command[]): string {
  const lines = commands.flatMap((each) => [
    `complete -c kairos -n __fish_use_subcommand -f -a ${each.name} -d ${quoted(each.summary)}`,
    ...flagsOf(each).map(([long, { kind, summary, choices }]) => {
      const taken = kind === 'boolean' ? '' : choices === undefined ? ' -r' : ` -x -a ${quoted(choices.join(' '))}`
      return `complete -c kairos -n '__fish_seen_subcommand_from ${each.name}' -l ${long.slice(2)}${taken} -d ${quoted(summary)}`
    }),
  ])
  const words = choicesOf(commands).map(
    ([name, all]) => `complete -c kairos -n '__fish_seen_subcommand_from ${name}' -f -a ${quoted(all.join(' '))}`,
  )
  const help = "complete -c kairos -n __fish_use_subcommand -f -a help -d 'show help for a command'"
  return `# fish completion of kairos: kairos completion fish > ~/.config/fish/completions/kairos.fish\n${[...lines, help, ...words].join('\n')}\n`
}

/** In single quotes, as fish escapes them. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, (found) => `\\${found}`)}'`
}
