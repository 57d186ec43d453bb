import type { Terminal } from './terminal/terminal.ts'

/** What the kinds of flags are parsed to. */
interface FlagValues {
  boolean: boolean
  text: string
  /** A whole number from 1. */
  whole: number
  /** Given several times, or with commas between. */
  list: readonly string[]
  /** Given several times: each may contain commas. */
  texts: readonly string[]
}

/** A flag of a command; `maxPoints` is `--max-points`. */
export interface Flag<Kind extends keyof FlagValues = keyof FlagValues> {
  readonly kind: Kind
  /** What the help calls its value: `step`. */
  readonly value?: string
  readonly summary: string
  /** The only values it takes. */
  readonly choices?: readonly string[]
}
export type Flags = Readonly<Record<string, Flag>>
/** The flags of every command. */
export interface SharedFlags {
  readonly patience: Flag<'whole'>
}
/** The flags that were given, by name. */
export type Given<F> = {
  readonly [Name in keyof F]?: (F[Name] extends Flag<infer Kind> ? FlagValues[Kind] : never) | undefined
}

/** A word of a command beside its flags. */
interface Word {
  readonly name: string
  readonly summary: string
  readonly optional?: true
  /** It may be given several times; only the last word may. */
  readonly many?: true
  /** The only words it takes. */
  readonly choices?: readonly string[]
}

/** A command as data: the program, its help and its completion are made of these. */
export interface Command<F extends Flags = Flags> {
  readonly name: string
  /** One line. */
  readonly summary: string
  /** Further paragraphs of its help. */
  readonly details?: string
  readonly words: readonly Word[]
  readonly flags: F
  /** What can be typed, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  run(call: Call<F>): Promise<void>
}

/** A call of a command. */
export interface Call<F = {}> {
  /** Its words, in order. */
  readonly words: readonly string[]
  readonly flags: Given<F> & Given<SharedFlags>
  readonly terminal: Terminal
  readonly env: Readonly<Record<string, string | undefined>>
  /** All commands, of which completion is made. */
  readonly commands: readonly Command[]
  /** Aborts with Ctrl-C. */
  readonly signal: AbortSignal
}

/** Returns the command, whose flags the compiler then knows in `run`. */
export function command<const F extends Flags>(own: Command<F>): Command {
  return own
}
