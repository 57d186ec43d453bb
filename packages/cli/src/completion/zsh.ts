import type { Command } from '../command.ts'
import { choicesOf, flagsOf, quoted } from './flags-of.ts'

/** A script for zsh, with what commands and flags are for. */
export function zshCompletion(commands: readonly Command[]): string {
  const words = new Map(choicesOf(commands))
  const cases = commands.map((each) => {
    const flags = flagsOf(each).map(([long, { kind, value = 'value', summary, choices }]) => {
      const repeated = kind === 'list' || kind === 'texts' ? '*' : ''
      const taken = kind === 'boolean' ? '' : `:${value}:${choices === undefined ? '_files' : `(${choices.join(' ')})`}`
      return `        ${quoted(`${repeated}${long}[${escaped(summary)}]${taken}`)}`
    })
    return `    ${each.name})\n      _arguments \\\n${[...flags, `        ${quoted(`*:${words.has(each.name) ? `word:(${words.get(each.name)!.join(' ')})` : 'file:_files'}`)}`].join(' \\\n')}\n      ;;`
  })
  return `#compdef kairos
# zsh completion of kairos: kairos completion zsh > ~/.zfunc/_kairos
_kairos() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
    'help:show help for a command'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
    help)
      _describe command commands
      ;;
  esac
}
_kairos "$@"
`
}

function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, (found) => `\\${found}`)
}
