import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { createEventClient } from '../../src/index.ts'
import { serve } from '../support/served.ts'
import { collect } from '../support/stores.ts'

class OutOfTea extends Error {}

describe('logged functions', async () => {
  const { url, store } = await serve(memoryDriver())
  const errors: unknown[] = []
  const client = createEventClient(url, { library: null, onError: (error) => errors.push(error) })
  const logged = async (stream: string): Promise<readonly Record<string, unknown>[]> => {
    await client.flush()
    return (await collect(store.get(stream))).map(({ '@id': _, '@time': __, ...event }) => event)
  }
  const duration = expect.any(Number)

  it('return and throw what they would, and record an event each', async () => {
    const boil = client.logFunction(
      'kitchen',
      (cups: number, milk: boolean) => {
        if (cups > 3) throw new OutOfTea('no more tea')
        return milk ? 'white' : 'black'
      },
      { properties: { cups: (cups) => cups, doubled: (cups) => cups * 2, milk: (_cups, milk) => milk } },
    )
    expect(boil(2, true)).toBe('white')
    expect(() => boil(4, false)).toThrow(OutOfTea)
    expect(await logged('kitchen')).toEqual([
      { duration, cups: 2, doubled: 4, milk: true },
      { duration, cups: 4, doubled: 8, milk: false, exception: { message: 'no more tea', class: 'OutOfTea' } },
    ])
  })

  it('keep their name and number of parameters', () => {
    const { name, length } = client.logFunction('named', function add(a: number, b: number) {
      return a + b
    })
    expect([name, length]).toEqual(['add', 2])
  })

  it('are waited for if they are async', async () => {
    const error = new OutOfTea('later')
    let end = (): void => {}
    const wait = client.logFunction('async', async (cups: number) => {
      await new Promise<void>((resolve) => {
        end = resolve
      })
      if (cups > 2) throw error
      return cups
    })
    const began = performance.now()
    const waiting = wait(2)
    await new Promise((resolve) => setImmediate(resolve))
    const least = (performance.now() - began) / 1_000
    end()
    expect(await waiting).toBe(2)
    const failing = wait(3)
    end()
    await expect(failing).rejects.toBe(error)
    const [first, second] = await logged('async')
    expect(first!.duration).toBeGreaterThanOrEqual(least)
    expect(second).toEqual({ duration, exception: { message: 'later', class: 'OutOfTea' } })
  })

  it('keep `this`, and record where they were called and where they threw', async () => {
    const kettle = {
      water: 1,
      pour: client.logFunction(
        'stacks',
        function (this: { water: number }) {
          if (this.water === 0) throw new OutOfTea('empty')
          return this.water--
        },
        { stackTrace: true, exceptionStackTrace: true },
      ),
    }
    expect(kettle.pour()).toBe(1)
    expect(() => kettle.pour()).toThrow('empty')
    const [first, second] = await logged('stacks')
    expect((first!.stack_trace as string[])[0]).toContain('function-log.test.ts')
    expect((second!.exception as { stack_trace: string[] }).stack_trace[0]).toContain('function-log.test.ts')
  })

  it('are not changed by properties that throw, events that cannot be sent, or thrown values that are not errors', async () => {
    errors.length = 0
    const odd = client.logFunction(
      'odd',
      (value: unknown) => {
        // biome-ignore lint/style/useThrowOnlyError: other thrown values must pass too
        if (value === undefined) throw 'a text'
        return value
      },
      {
        properties: {
          bad: () => {
            throw new Error('property')
          },
          value: (value) => value,
        },
      },
    )
    expect(odd(1)).toBe(1)
    expect(() => odd(undefined)).toThrow('a text')
    const map = new Map()
    expect(odd(map)).toBe(map)
    expect(await logged('odd')).toEqual([
      { duration, value: 1 },
      { duration, exception: { message: 'a text', class: 'string' } },
    ])
    // One property, and a Map, which JSON cannot express.
    expect(errors).toHaveLength(4)
  })

  it('are not changed by properties that are async, nor by results that only look like promises', async () => {
    errors.length = 0
    const fake = { [Symbol.toStringTag]: 'Promise' }
    const hostile = Object.defineProperty({}, Symbol.toStringTag, {
      get() {
        throw new Error('no tag')
      },
    })
    const identity = client.logFunction('lookalike', (value: object) => value, {
      properties: { later: async () => Promise.reject(new Error('later')), now: () => 1 },
    })
    expect(identity(fake)).toBe(fake)
    expect(identity(hostile)).toBe(hostile)
    expect(await logged('lookalike')).toEqual([
      { duration, now: 1 },
      { duration, now: 1 },
    ])
    expect(errors).toEqual(
      Array(2).fill(
        expect.objectContaining({ message: 'properties.later must be a function that returns a value, not a promise' }),
      ),
    )
    expect(() => client.logFunction('lookalike', 5 as never)).toThrow('logged must be a function')
  })

  it('scopes run their body though their properties throw', async () => {
    const properties = Object.defineProperty({}, 'bad', {
      enumerable: true,
      get() {
        throw new Error('property')
      },
    })
    expect(client.logScope('unreadable', properties, () => 5)).toBe(5)
    expect(await logged('unreadable')).toEqual([{ duration }])
  })

  it('scopes pass the event to their body, and rethrow by default', async () => {
    const result = client.logScope('scopes', { step: 1 }, (event) => {
      event.rows = 5
      return 'done'
    })
    expect(result).toBe('done')
    const fail = () => {
      throw new OutOfTea('no')
    }
    expect(() => client.logScope('scopes', { step: 2 }, fail)).toThrow('no')
    expect(client.logScope('scopes', { step: 3 }, fail, { swallow: true })).toBeUndefined()
    expect(await client.logScope('scopes', { step: 4 }, async () => fail(), { swallow: true })).toBeUndefined()
    await expect(client.logScope('scopes', { step: 5 }, async () => fail())).rejects.toThrow('no')
    const exception = { message: 'no', class: 'OutOfTea' }
    expect(await logged('scopes')).toEqual([
      { step: 1, rows: 5, duration },
      ...[2, 3, 4, 5].map((step) => ({ step, duration, exception })),
    ])
  })

  it.each<[unknown, string]>([
    ['just a text', 'just a text'],
    [Object.create(null), 'an object'],
    [{ message: 'of another realm' }, 'of another realm'],
    [5n, '5n'],
    [undefined, 'undefined'],
  ])('may throw anything: %#', async (thrown, message) => {
    errors.length = 0
    const stream = `thrown.${message.replaceAll(' ', '.')}`
    const fail = client.logFunction(stream, () => {
      throw thrown
    })
    const caught = await Promise.resolve()
      .then(fail)
      .catch((reason: unknown) => reason)
    expect(caught).toBe(thrown)
    expect(await logged(stream)).toEqual([{ duration, exception: { message, class: typeof thrown } }])
    expect(errors).toEqual([])
  })

  it('refuse unknown options when they are created; scopes report them to onError and continue', async () => {
    for (const options of [{ swallow: true }, { stacktrace: true }, null, { properties: 5 }]) {
      expect(() => client.logFunction('misspelt', () => 5, options as never)).toThrow(
        expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' }),
      )
    }
    for (const options of [{ stacktrace: true }, null]) {
      errors.length = 0
      expect(client.logScope('misspelt', {}, () => 5, options as never)).toBe(5)
      expect(errors).toEqual([expect.objectContaining({ code: 'KAIROS_INVALID_CONFIG' })])
    }
    const swallowed = client.logScope(
      'misspelt',
      {},
      () => {
        throw new OutOfTea('no')
      },
      { swallow: true, stacktrace: true } as never,
    )
    expect(swallowed).toBeUndefined()
    expect(await logged('misspelt')).toHaveLength(3)
  })

  it('are not changed by an onError that throws', async () => {
    const failing = createEventClient(url, {
      onError: () => {
        throw new Error('from onError')
      },
    })
    const bad = () => {
      throw new Error('property')
    }
    const add = failing.logFunction('unheard', (a: number) => a + 1, { properties: { bad } })
    const later = failing.logFunction('unheard', async (a: number) => a + 1, { properties: { bad } })
    expect(add(1)).toBe(2)
    expect(await later(1)).toBe(2)
    await failing.close()
    expect(await logged('unheard')).toHaveLength(2)
  })

  it('return awaitable objects as they are, without starting them', async () => {
    let started = 0
    const query = {
      where: () => query,
      // biome-ignore lint/suspicious/noThenProperty: as in the queries of many libraries
      then(resolve: (value: string) => void) {
        started++
        resolve('rows')
      },
    }
    const select = client.logFunction('queries', () => query)
    expect(select()).toBe(query)
    expect(started).toBe(0)
    expect(await select().where()).toBe('rows')
    expect(await logged('queries')).toHaveLength(2)
  })
})
