import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toJson } from '../../src/index.ts'
import { type JsonSchema, SchemaSketch } from '../../src/json/schema-sketch.ts'

function schemaOf(texts: readonly string[], maxParts = 1_000): JsonSchema {
  const sketch = new SchemaSketch(maxParts)
  for (const text of texts) sketch.add(text)
  return sketch.schema
}

const texts = fc.array(fc.jsonValue({ maxDepth: 3 }).map(toJson), { maxLength: 5 })

describe('schema inference', () => {
  it('distinguishes 1.0 from 1, and lists required members', () => {
    expect(
      schemaOf(['{"b":1,"a":1.0,"e":1e3,"s":"x","n":null,"l":[1,null,2.5],"m":[],"__proto__":true,"t":"1.5e"}']),
    ).toEqual({
      type: 'object',
      properties: Object.fromEntries([
        ['b', { type: 'integer' }],
        ['a', { type: 'number' }],
        ['e', { type: 'number' }],
        ['s', { type: 'string' }],
        ['n', { type: 'null' }],
        ['l', { type: 'array', items: { type: 'number' } }],
        ['m', { type: 'array', items: { type: 'null' } }],
        ['__proto__', { type: 'boolean' }],
        ['t', { type: 'string' }],
      ]),
      required: ['__proto__', 'a', 'b', 'e', 'l', 'm', 'n', 's', 't'],
    })
  })

  it('merges to the narrowest type: null yields, other differences become any', () => {
    expect(schemaOf(['{"a":1,"b":"x","c":null}', '{"a":2.5,"b":true,"d":1}', '{"a":null,"b":1}'])).toEqual({
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'any' }, c: { type: 'null' }, d: { type: 'integer' } },
      required: ['a', 'b'],
    })
    expect(schemaOf(['{"a":{"x":1}}', '{"a":null}', '{"a":{"x":2,"y":1}}']).properties).toEqual({
      a: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } }, required: ['x'] },
    })
    expect(schemaOf(['[{"x":1},{"x":2,"y":3}]', '[null]'])).toEqual({
      type: 'array',
      items: { type: 'object', properties: { x: { type: 'integer' }, y: { type: 'integer' } }, required: ['x'] },
    })
    expect(schemaOf([])).toEqual({ type: 'null' })
  })

  it('does not depend on the order or the number of events', () => {
    fc.assert(
      fc.property(texts, (given) => {
        expect(schemaOf([...given].reverse())).toEqual(schemaOf(given))
        expect(schemaOf([...given, ...given])).toEqual(schemaOf(given))
      }),
    )
  })

  it('is JSON of no more levels than a response may have, however deep the events', () => {
    for (const [open, close] of [
      ['{"a":', '}'],
      ['[', ']'],
    ] as const) {
      const schema = schemaOf([`${open.repeat(100)}1${close.repeat(100)}`])
      expect(toJson({ schema })).toContain('"any"')
    }
    expect(toJson(schemaOf([`${'[1,'.repeat(90)}1${']'.repeat(90)}`]))).toContain('"any"')
    expect(toJson(schemaOf([`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`]))).toContain('"integer"')
  })

  it('names no more members than it may', () => {
    const wide = `{${Array.from({ length: 500 }, (_, n) => `"k${n}":{"a":1}`).join(',')}}`
    const schema = schemaOf([wide, wide], 100)
    expect(JSON.stringify(schema).match(/"type"/g)).toHaveLength(101)
    expect(schemaOf(['{"a":1}', '{"a":1,"b":2}'], 1)).toEqual({
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
    })
  })

  // Comparing each with all before would take minutes.
  it('handles many keys', () => {
    const event = (prefix: string): string =>
      `{${Array.from({ length: 30_000 }, (_, n) => `"${prefix}${n}":1`).join(',')}}`
    const schema = schemaOf([event('a'), event('b')], 1_000_000)
    expect(Object.keys(schema.properties ?? {})).toHaveLength(60_000)
    expect(schema.required).toEqual([])
  })
})
