import { KairosError } from '@kairos/core'

/** How the library's messages name options, and how the command line does. */
const NAMES: Readonly<Record<string, string>> = { '`intervals`': '--interval', '`resume: true`': '--resume' }

/** An error whose remedy names flags. */
export function inFlags(error: unknown): unknown {
  if (!KairosError.is(error)) return error
  const message = Object.entries(NAMES).reduce((text, [option, flag]) => text.replaceAll(option, flag), error.message)
  return new KairosError(error.code, message, { ...error }, error.cause)
}
