import { JsonScanner } from './json-scanner.ts'

/** An inferred schema: JSON schema draft 04, plus the type `any`. */
export interface JsonSchema {
  readonly type: 'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object' | 'any'
  /** Of an array: the schema of all its items. */
  readonly items?: JsonSchema
  /** Of an object: the schema of each member. */
  readonly properties?: Readonly<Record<string, JsonSchema>>
  /** Of an object: the keys that every sampled object had, sorted. */
  readonly required?: readonly string[]
}

/** Levels of the JSON that a schema is written as. The response that contains it takes one more, and JSON has no more than 100. */
const DEEPEST_SCHEMA = 98
/** Levels from a schema to that of a member, and to that of an item. */
const TO_MEMBER = 2
const TO_ITEM = 1

/** What was seen in one position of the schema. */
interface Part {
  type: JsonSchema['type']
  items?: Part
  /** How many objects were seen here. */
  objects: number
  readonly properties: Map<string, { readonly part: Part; times: number }>
}

/**
 * Builds the narrowest schema that fits all added values. Adding a value takes time proportional to its length, however much was added before.
 * The order does not matter: null yields to any type, integer to number, and other differences become `any`. The schema names at most
 * `maxParts` members and leaves out the rest: objects may have members that their schema does not name. What lies so deep that its schema could
 * not be written as JSON is `any`.
 */
export class SchemaSketch {
  #left: number
  readonly #root: Part = newPart()

  constructor(maxParts: number) {
    this.#left = maxParts
  }

  /** Adds a value as JSON, which must be valid. `1.0` is a number, `1` an integer. */
  add(json: string): void {
    this.#look(new JsonScanner(json), this.#root, 1)
  }

  get schema(): JsonSchema {
    return schemaOf(this.#root)
  }

  #look(scanner: JsonScanner, part: Part, level: number): void {
    const kind = scanner.kind()
    if (kind === 'other') {
      widen(part, typeOf(scanner.value()))
      return
    }
    const below = level + (kind === 'object' ? TO_MEMBER : TO_ITEM)
    widen(part, below > DEEPEST_SCHEMA ? 'any' : kind)
    if (part.type !== kind) {
      scanner.value()
    } else if (kind === 'array') {
      part.items ??= newPart()
      const { items } = part
      scanner.items(() => this.#look(scanner, items, below))
    } else {
      part.objects++
      scanner.members((key) => {
        const property = part.properties.get(key) ?? this.#newProperty(part, key)
        if (property === undefined) {
          scanner.value()
          return
        }
        property.times++
        this.#look(scanner, property.part, below)
      })
    }
  }

  #newProperty(part: Part, key: string): { readonly part: Part; times: number } | undefined {
    if (this.#left === 0) return undefined
    this.#left--
    const property = { part: newPart(), times: 0 }
    part.properties.set(key, property)
    return property
  }
}

function newPart(): Part {
  return { type: 'null', objects: 0, properties: new Map() }
}

function typeOf(text: string): JsonSchema['type'] {
  if (text === 'null') return 'null'
  if (text.startsWith('"')) return 'string'
  if (text === 'true' || text === 'false') return 'boolean'
  return /[.e]/i.test(text) ? 'number' : 'integer'
}

function widen(part: Part, type: JsonSchema['type']): void {
  if (type === 'null' || part.type === type || part.type === 'any') return
  if (part.type === 'null' || type === 'any') part.type = type
  else part.type = isNumeric(part.type) && isNumeric(type) ? 'number' : 'any'
}

function isNumeric(type: JsonSchema['type']): boolean {
  return type === 'integer' || type === 'number'
}

function schemaOf(part: Part): JsonSchema {
  if (part.type === 'array') return { type: 'array', items: schemaOf(part.items ?? newPart()) }
  if (part.type !== 'object') return { type: part.type }
  const properties = [...part.properties].map(([key, property]) => [key, schemaOf(property.part)] as const)
  const required = [...part.properties].flatMap(([key, { times }]) => (times === part.objects ? [key] : []))
  return { type: 'object', properties: Object.fromEntries(properties), required: required.sort() }
}
