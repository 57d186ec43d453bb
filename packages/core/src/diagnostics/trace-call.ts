import type { CallMessage } from '../api/diagnostics.ts'
import { KairosError } from '../errors.ts'
import { isSet } from '../internal/collections.ts'
import { isRecord } from '../internal/kinds.ts'
import { MESSAGE } from './call-messages.ts'
import type { TracingChannel } from './channels.ts'
import { type Filling, traced } from './traced.ts'

/** Whose calls they are. */
export type Caller = Pick<CallMessage, 'timeseries' | 'type'>

/** Calls whose first argument is a name, or several. */
const NAMED: readonly string[] = ['insert', 'get', 'series', 'query', 'iterate', 'properties', 'delete', 'expire']

/** Makes one call as an event; its arguments, of which the last of `length` are its options, carry the message. */
export function traceCall<T>(
  channel: TracingChannel<CallMessage>,
  caller: Caller,
  operation: string,
  given: readonly unknown[],
  length: number,
  call: (given: readonly unknown[]) => Promise<T>,
): Promise<T> {
  const message = messageOf(caller, operation, given, length)
  return traced(channel, message, () => call(carrying(message, given, length)), outcomeOf)
}

/** The message of a call that begins. */
export function messageOf(
  { timeseries, type }: Caller,
  operation: string,
  given: readonly unknown[],
  length: number,
): Filling<CallMessage> {
  const options = given[length - 1]
  const named = NAMED.includes(operation) ? given[0] : isRecord(options) ? options.names : undefined
  return { timeseries, type, operation, names: namesIn(named), cells: 0 }
}

function namesIn(named: unknown): readonly string[] | undefined {
  if (Array.isArray(named) || isSet(named)) return Array.from(named as Iterable<string>, nameIn)
  return typeof named === 'string' || isRecord(named) ? [nameIn(named)] : undefined
}

/** Without its labels, which are many more than names. */
function nameIn(name: unknown): string {
  return (isRecord(name) ? name.name : name) as string
}

/** The arguments, with the message in the options. Options that will be refused stay as they are. */
export function carrying(message: CallMessage, given: readonly unknown[], length: number): readonly unknown[] {
  const { [length - 1]: options = {} } = given
  if (!isRecord(options)) return given
  const copy = Object.assign(Object.create(Object.getPrototypeOf(options)), options, { [MESSAGE]: message })
  const carried = [...given]
  carried[length - 1] = copy
  return carried
}

const ENDS: Readonly<Record<string, CallMessage['outcome']>> = { KAIROS_ABORTED: 'aborted', KAIROS_CLOSED: 'closed' }

/** What became of a call that failed. */
export function outcomeOf(error: unknown): CallMessage['outcome'] {
  return (KairosError.is(error) && ENDS[error.code]) || 'failure'
}
