import type { Field, JsonSchema } from './fields.ts'
import { namesOperation } from './names.ts'
import type { Operation } from './operation.ts'
import { queryOperation } from './query.ts'
import { timeseriesOperation } from './timeseries.ts'
import { topOperation } from './top.ts'

const OPERATIONS: readonly Operation[] = [timeseriesOperation, namesOperation, queryOperation, topOperation]

const ERROR: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: { error: { type: 'string', description: 'What is wrong, and what would be right.' } },
}

const json = (schema: JsonSchema): object => ({ 'application/json': { schema } })

/** The document of the API, in OpenAPI 3.1: made of what the calls themselves check and answer. */
export function openApi(): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kairos',
      version: '1.0.0',
      description: 'Time series by name: what there is, and what it was when.',
    },
    paths: Object.fromEntries(OPERATIONS.map((operation) => [operation.path, pathOf(operation)])),
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    security: [{ token: [] }, {}],
  }
}

function pathOf({ path, summary, fields, posts, answer }: Operation): object {
  const named = Object.entries(fields)
  const id = path.slice('/api/'.length)
  const responses = {
    200: { description: 'The answer.', content: json(answer) },
    default: { description: 'What is wrong.', content: json(ERROR) },
  }
  const parameters = named.map(([name, { schema, description, required }]) => ({
    in: 'query',
    name,
    description,
    required,
    schema,
  }))
  const body: JsonSchema = {
    type: 'object',
    additionalProperties: false,
    required: named.filter(([, { required }]) => required).map(([name]) => name),
    properties: Object.fromEntries(named.map(([name, field]) => [name, propertyOf(field)])),
  }
  return {
    get: { operationId: id, summary, parameters, responses },
    ...(posts && {
      post: {
        operationId: `${id}ByPost`,
        summary: `${summary} With the fields as JSON.`,
        requestBody: { required: true, content: json(body) },
        responses,
      },
    }),
  }
}

function propertyOf({ schema, description }: Field<unknown>): JsonSchema {
  return { ...schema, description }
}
