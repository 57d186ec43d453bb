import { KairosError, type KairosErrorCode } from '@kairos/core'
import { isRecord } from '@kairos/core/driver'
import { RequestError } from '@kairos/events/http'
import { quoted } from '../http/quoted.ts'
import type { ServerContext, ServerRequest } from '../http/route.ts'
import type { Field, JsonSchema } from './fields.ts'

type Fields = Readonly<Record<string, Field<unknown>>>
type GivenFor<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never }

/** What a call of the API gets beside its fields. */
export interface Call extends ServerContext {
  readonly signal: AbortSignal
}

/** A call of the API, as data: what it takes, what it answers, and what it does. */
interface Definition<F extends Fields> {
  readonly path: string
  readonly summary: string
  readonly fields: F
  /** Also by POST, with the fields as JSON. */
  readonly posts: boolean
  readonly answer: JsonSchema
  run(given: GivenFor<F>, call: Call): Promise<unknown> | unknown
}

/** The same, for the server and the document. */
export interface Operation extends Omit<Definition<Fields>, 'run'> {
  handle(request: ServerRequest, context: ServerContext): Promise<Response>
}

/** Mistakes in what was asked for, which only the caller can mend. */
const ASKED_WRONGLY: readonly KairosErrorCode[] = [
  'KAIROS_INVALID_CONFIG',
  'KAIROS_UNKNOWN_INTERVAL',
  'KAIROS_UNKNOWN_TRANSFORM',
  'KAIROS_UNSUPPORTED',
]

/** Runs a read with options that a caller chose. @throws RequestError for what is wrong with them */
export async function callErrors<Answer>(run: () => Promise<Answer> | Answer): Promise<Answer> {
  try {
    return await run()
  } catch (error) {
    if (KairosError.is(error) && ASKED_WRONGLY.includes(error.code)) throw new RequestError(400, error.message)
    throw error
  }
}

/** A call of the API from its definition. */
export function operation<const F extends Fields>(definition: Definition<F>): Operation {
  const { run, ...described } = definition
  return {
    ...described,
    async handle(request, context) {
      const given = readFields(definition.fields, request)
      const answer = await callErrors(() => run(given as GivenFor<F>, { ...context, signal: request.signal }))
      return Response.json(answer)
    },
  }
}

/** Characters of fields as JSON: ten thousand names. As many brackets as a body may have take a second. */
const LONGEST = 5_000_000

function readFields(fields: Fields, request: ServerRequest): Readonly<Record<string, unknown>> {
  if (request.body.length > LONGEST)
    throw new RequestError(413, `the body must have at most ${LONGEST} characters, not ${request.body.length}`)
  const given = request.method === 'POST' ? request.json() : ofUrl(request.fields)
  if (!isRecord(given)) throw new RequestError(400, 'the body must be a JSON object')
  const names = Object.keys(fields)
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(fields, name))
  if (unknown !== undefined)
    throw new RequestError(400, `a request has the fields ${names.join(', ')}, not ${quoted(unknown)}`)
  return Object.fromEntries(names.map((name) => [name, fields[name]!.read(given[name], name)]))
}

/** Fields that come more than once are lists. */
function ofUrl(search: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const all = search.getAll(name)
      return [name, all.length === 1 ? all[0] : all]
    }),
  )
}
