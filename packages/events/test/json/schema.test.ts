import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSchemas, schemaOfJson } from '../../src/json/schema.ts'

const schemas = fc.jsonValue({ maxDepth: 3 }).map((value) => schemaOfJson(JSON.stringify(value)))

describe('schema inference', () => {
  it('tells 1.0 from 1, and lists what is required', () => {
    expect(schemaOfJson('{"b":1,"a":1.0,"e":1e3,"s":"x","n":null,"l":[1,null,2.5],"m":[],"__proto__":true}')).toEqual({
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
      ]),
      required: ['__proto__', 'a', 'b', 'e', 'l', 'm', 'n', 's'],
    })
  })

  it('merges to the narrowest: null gives way, what differs is any', () => {
    const merged = ['{"a":1,"b":"x","c":null}', '{"a":2.5,"b":true,"d":1}', '{"a":null,"b":1}']
      .map(schemaOfJson)
      .reduce(mergeSchemas)
    expect(merged).toEqual({
      type: 'object',
      properties: { a: { type: 'number' }, b: { type: 'any' }, c: { type: 'null' }, d: { type: 'integer' } },
      required: ['a', 'b'],
    })
  })

  it('does not depend on the order of events', () => {
    fc.assert(
      fc.property(schemas, schemas, schemas, (a, b, c) => {
        expect(mergeSchemas(a, b)).toEqual(mergeSchemas(b, a))
        expect(mergeSchemas(mergeSchemas(a, b), c)).toEqual(mergeSchemas(a, mergeSchemas(b, c)))
        expect(mergeSchemas(a, a)).toEqual(a)
      }),
    )
  })
})
