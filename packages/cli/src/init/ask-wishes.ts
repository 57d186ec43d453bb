import { Interrupted } from '../interrupted.ts'
import { Misuse } from '../misuse.ts'
import { showsTerminal, type Terminal } from '../terminal/terminal.ts'
import { TYPES, type Wishes } from './config-text.ts'

export const DEFAULTS: Wishes = { store: 'sqlite:metrics.db', type: 'count', name: 'views' }

/** Asks where, what and how it is called. @throws Misuse where nobody can be asked */
export async function askWishes(terminal: Terminal, signal: AbortSignal): Promise<Wishes> {
  const { stdin, stderr } = terminal
  if (!showsTerminal(stdin) || !terminal.reportsAreSeen)
    throw new Misuse('--yes must be given where there is no terminal to ask on')
  const { isCancel, select, text } = await import('@clack/prompts')
  const common = { input: stdin as never, output: stderr as never, signal }
  function answered(answer: string | symbol): string {
    if (isCancel(answer)) throw new Interrupted('nothing was written')
    return answer as string
  }
  const store = answered(
    await text({
      ...common,
      message:
        'Where is the data kept? A URL such as sqlite:metrics.db, redis://localhost, postgres://localhost/metrics',
      initialValue: DEFAULTS.store,
      validate: (value) => (value?.includes(':') ? undefined : 'It must be a URL.'),
    }),
  )
  const type = answered(
    await select({
      ...common,
      message: 'What does a bucket hold?',
      options: Object.entries(TYPES).map(([value, hint]) => ({ value, hint })),
    }),
  )
  const name = answered(
    await text({
      ...common,
      message: 'What is it called?',
      initialValue: DEFAULTS.name,
      validate: (value) =>
        /^[A-Za-z][A-Za-z0-9_.-]{0,99}$/.test(value ?? '')
          ? undefined
          : 'It must be letters, digits, _ . -, a letter first.',
    }),
  )
  return { store, type, name }
}
