import { JsonScanner } from './json-scanner.ts'

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

/** What was seen at one place. */
interface Part {
  type: JsonSchema['type']
  items?: Part
  /** How many objects were seen here. */
  objects: number
  readonly properties: Map<string, { readonly part: Part; times: number }>
}

/**
 * The narrowest schema for all values that were added, in a time that grows with their length and not with what was seen before. The order in
 * which they are added does not matter: null gives way to anything, integer to number; what else differs is `any`. It names at most
 * `maxParts` members; further ones are left out, which a schema may: objects may have more than it says.
 */
export class SchemaSketch {
  #left: number
  readonly #root: Part = newPart()

  constructor(maxParts: number) {
    this.#left = maxParts
  }

  /** Adds a value by its JSON, which must be valid: `1.0` is a number, `1` an integer. */
  add(json: string): void {
    this.#look(new JsonScanner(json), this.#root)
  }

  get schema(): JsonSchema {
    return schemaOf(this.#root)
  }

  #look(scanner: JsonScanner, part: Part): void {
    const kind = scanner.kind()
    if (kind === 'other') {
      widen(part, typeOf(scanner.value()))
      return
    }
    widen(part, kind)
    if (part.type !== kind) {
      scanner.value()
    } else if (kind === 'array') {
      part.items ??= newPart()
      const { items } = part
      scanner.items(() => this.#look(scanner, items))
    } else {
      part.objects++
      scanner.members((key) => {
        const property = part.properties.get(key) ?? this.#newProperty(part, key)
        if (property === undefined) {
          scanner.value()
          return
        }
        property.times++
        this.#look(scanner, property.part)
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
  if (part.type === 'null') part.type = type
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
