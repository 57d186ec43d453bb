import { Interrupted } from '../interrupted.ts'
import { Misuse } from '../misuse.ts'
import { showsTerminal, type Terminal } from './terminal.ts'

/**
 * Asks whether to do what cannot be undone; `--yes` is an answer too.
 * @throws Misuse where nobody can be asked
 */
export async function isSure(
  terminal: Terminal,
  what: string,
  yes: boolean | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (yes) return true
  const { stdin, stderr } = terminal
  if (!showsTerminal(stdin) || !terminal.reportsAreSeen)
    throw new Misuse(`${what}: --yes must be given where there is no terminal to ask on`)
  const { confirm, isCancel } = await import('@clack/prompts')
  // stdout is for rows.
  const answer = await confirm({
    message: `${what}?`,
    initialValue: false,
    input: stdin as never,
    output: stderr as never,
    signal,
  })
  // Ctrl-C at the question.
  if (isCancel(answer)) throw new Interrupted('nothing was done')
  return answer === true
}
