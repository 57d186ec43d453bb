import { readFileSync } from 'node:fs'
import { withoutSecrets } from '@kairos/core/driver'
import { Argument, Command as CommanderCommand, InvalidArgumentError, Option } from 'commander'
import type { Call, Command, Flag } from './command.ts'
import { longOf } from './flags/long.ts'
import { sharedFlags } from './flags/shared.ts'
import type { Terminal } from './terminal/terminal.ts'

interface Group {
  readonly title: string
  readonly commands: readonly Command[]
}

/** Does what a command line asks for. */
type Act = (command: Command, call: Pick<Call, 'words' | 'flags'>) => Promise<void>

/** The program of these commands, as the argument parser takes it. It throws instead of ending the process. */
export function programOf(groups: readonly Group[], terminal: Terminal, act: Act): CommanderCommand {
  const program = new CommanderCommand('kairos')
    .description('Inspects, plots and moves Kairos time series, and imports and exports data.')
    .version(version(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      // A word too many may be a URL.
      outputError: (text, write) => write(withoutSecrets(text.replace(/^error: /, 'kairos: '))),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', `\n${FIRST_STEPS}`)
    .configureHelp({ subcommandTerm: (each) => [each.name(), ...each.registeredArguments.map(wordOf)].join(' ') })
  for (const { title, commands } of groups) {
    for (const each of commands)
      program.addCommand(commandOf(each, act).copyInheritedSettings(program).helpGroup(title))
  }
  return program
}

function wordOf(word: Argument): string {
  const name = `${word.name()}${word.variadic ? '...' : ''}`
  return word.required ? `<${name}>` : `[${name}]`
}

const FIRST_STEPS = `First steps:
  kairos discover sqlite:metrics.db                        what it holds
  kairos list --store sqlite:metrics.db                    its names
  kairos series home --interval day --store sqlite:…       one of them, day by day

To write: kairos init makes a configuration, from which kairos insert, import and serve know what to keep.

--store can also come from the environment variable KAIROS_STORE.
Exit codes: 0 done, 1 failed, 2 misuse, 130 interrupted.`

function commandOf(own: Command, act: Act): CommanderCommand {
  const made = new CommanderCommand(own.name)
    .summary(own.summary)
    .description([`${own.summary[0]!.toUpperCase()}${own.summary.slice(1)}.`, own.details].filter(Boolean).join('\n\n'))
    .helpOption('-h, --help', 'show help')
  for (const { name, summary, optional, many } of own.words) {
    const word = `${name}${many ? '...' : ''}`
    made.addArgument(new Argument(optional ? `[${word}]` : `<${word}>`, summary))
  }
  for (const [name, flag] of Object.entries(own.flags)) made.addOption(optionOf(name, flag))
  for (const [name, flag] of Object.entries(sharedFlags)) made.addOption(optionOf(name, flag))
  const lines = own.examples.map(([line, does]) => `  ${line}\n      ${does}`)
  made.addHelpText('after', `\nExamples:\n${lines.join('\n')}`)
  made.action((...given: unknown[]) => {
    const words = given
      .slice(0, own.words.length)
      .flat()
      .filter((word) => word !== undefined)
    return act(own, { words: words as string[], flags: made.opts() })
  })
  return made
}

function optionOf(name: string, { kind, value = 'value', summary, choices }: Flag): Option {
  const long = longOf(name)
  const option = new Option(kind === 'boolean' ? long : `${long} <${value}>`, summary)
  if (choices !== undefined) option.choices(choices)
  if (kind === 'whole') option.argParser(wholeNumber)
  if (kind === 'list') option.argParser((text, before: readonly string[] = []) => [...before, ...text.split(',')])
  if (kind === 'texts') option.argParser((text, before: readonly string[] = []) => [...before, text])
  return option
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.')
  return number
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}
