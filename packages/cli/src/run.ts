import { CommanderError } from 'commander'
import type { Call, Command } from './command.ts'
import { commandGroups, commands } from './commands.ts'
import { exitCodeOf } from './exit-code.ts'
import { programOf } from './program.ts'
import { createTerminal, type Streams } from './terminal/terminal.ts'

/** What a call of the command reads, writes and listens to; by default what the process has. */
export interface RunOptions extends Partial<Streams> {
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Aborted, the command stops cleanly and the exit code is 130, as with Ctrl-C. */
  readonly signal?: AbortSignal
}

/**
 * Does what a command line asks for, and resolves to its exit code: 0 done, 1 failed, 2 misuse, 130 interrupted. It never rejects: what failed is
 * written to `stderr`.
 * @example `process.exitCode = await run(['list', '--store', 'sqlite:metrics.db'])`
 */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<number> {
  const { stdin = process.stdin, stdout = process.stdout, stderr = process.stderr, env = process.env } = options
  const { signal = new AbortController().signal } = options
  const terminal = createTerminal({ stdin, stdout, stderr }, env)
  async function act(command: Command, call: Pick<Call, 'words' | 'flags'>): Promise<void> {
    await command.run({ ...call, terminal, env, commands, signal })
  }
  try {
    await programOf(commandGroups, terminal, act).parseAsync([...argv], { from: 'user' })
    return 0
  } catch (error) {
    const isEarly =
      error instanceof CommanderError && error.code === 'commander.unknownOption' && argv[0]?.startsWith('-')
    if (isEarly) terminal.report('Flags come after the command: kairos list --store sqlite:metrics.db')
    const isShort = error instanceof CommanderError && error.code === 'commander.missingArgument'
    if (isShort) terminal.report(`kairos ${argv[0]} --help shows what it takes, with examples`)
    return exitCodeOf(error, terminal, signal)
  } finally {
    terminal.close()
  }
}
