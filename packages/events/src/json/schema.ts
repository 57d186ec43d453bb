/** A JSON schema as inference gives it: of the words of draft 04, and `any`. */
export interface JsonSchema {
  readonly type: 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object' | 'any'
  /** Of an array: all its items. */
  readonly items?: JsonSchema
  /** Of an object. */
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** Of an object: the keys that every one of those seen had, sorted. */
  readonly required?: readonly string[]
}

const NOTHING: JsonSchema = { type: 'null' }

/** The schema of one value, from its JSON text: `1.0` is a number, `1` an integer. */
export function schemaOfJson(text: string): JsonSchema {
  // From the leaves up, so that a list or an object already holds the schemas of what is in it.
  return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) =>
    schemaOfParts(value, context?.source ?? ''),
  ) as JsonSchema
}

function schemaOfParts(value: unknown, source: string): JsonSchema {
  if (value === null) return NOTHING
  if (Array.isArray(value))
    return { type: 'array', items: (value as readonly JsonSchema[]).reduce(mergeSchemas, NOTHING) }
  if (typeof value === 'object') {
    return { type: 'object', properties: value as Record<string, JsonSchema>, required: Object.keys(value).sort() }
  }
  if (typeof value === 'number') return { type: /[.e]/i.test(source) ? 'number' : 'integer' }
  return { type: typeof value as 'string' | 'boolean' }
}

/**
 * The narrowest schema for what either describes. Symmetric and associative, so that the order of events does not matter: null gives way to
 * anything, integer to number; what else differs is `any`.
 */
export function mergeSchemas(left: JsonSchema, right: JsonSchema): JsonSchema {
  if (left.type === 'null') return right
  if (right.type === 'null') return left
  if (left.type === 'array' && right.type === 'array') {
    return { type: 'array', items: mergeSchemas(left.items ?? NOTHING, right.items ?? NOTHING) }
  }
  if (left.type === 'object' && right.type === 'object') return mergeObjects(left, right)
  if (left.type === right.type) return left
  const types = [left.type, right.type]
  return { type: types.includes('integer') && types.includes('number') ? 'number' : 'any' }
}

function mergeObjects(left: JsonSchema, right: JsonSchema): JsonSchema {
  const properties = new Map(Object.entries(left.properties ?? {}))
  for (const [key, schema] of Object.entries(right.properties ?? {})) {
    const known = properties.get(key)
    properties.set(key, known === undefined ? schema : mergeSchemas(known, schema))
  }
  const required = (left.required ?? []).filter((key) => right.required?.includes(key))
  return { type: 'object', properties: Object.fromEntries(properties), required }
}
