import type { Command } from '../command.ts'
import { choicesOf, flagsOf } from './flags-of.ts'

/** A script for bash: commands, their flags, and the values of flags that take only some. Else files. */
export function bashCompletion(commands: readonly Command[]): string {
  const cases = commands.map(
    (each) =>
      `    ${each.name}) flags='${flagsOf(each)
        .map(([long]) => long)
        .join(' ')}' ;;`,
  )
  const choices = commands.flatMap((each) =>
    flagsOf(each).flatMap(([long, { choices }]) =>
      choices === undefined
        ? []
        : [`    '${each.name} ${long}') COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$word")); return ;;`],
    ),
  )
  const words = choicesOf(commands).map(
    ([name, all]) => `    ${name}) COMPREPLY=($(compgen -W '${all.join(' ')}' -- "$word")); return ;;`,
  )
  return `# bash completion of kairos: kairos completion bash >> ~/.bashrc
_kairos() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" command="\${COMP_WORDS[1]}" flags=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} help' -- "$word"))
    return
  fi
  case "$command $before" in
${choices.join('\n')}
  esac
  case "$command" in
${cases.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags --help" -- "$word")); return ;;
  esac
  case "$command" in
${words.join('\n')}
    *) COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _kairos kairos
`
}
