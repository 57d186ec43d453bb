import { describe, expect, it } from 'vitest'
import { fieldsOf, Layout } from '../src/schema/layout.ts'

const layoutOf = (fanOut: number, valueType = 'float') =>
  new Layout('gauge', { hasResolution: fanOut > 1, fanOut, fields: fieldsOf({ type: 'gauge', valueType }) })

const fanOuts = [1, 7, 24, 60, 64, 65, 96, 128, 366, 1440]

describe('the layout of counts and gauges', () => {
  it('gives every cell its own place, which leads back to the cell', () => {
    for (const [fanOut, valueType] of fanOuts.flatMap((fanOut) => [[fanOut], [fanOut, 'text']] as const)) {
      const layout = layoutOf(fanOut, valueType)
      const places = new Map<string, string>()
      for (const bucket of [-3_000_000_000, -129, -128, -1, 0, 1, 127, 128, 20_240_105, 30_000_000_000]) {
        for (const offset of [0, 1, fanOut - 1, fanOut, 75, 8_875, 16_383]) {
          const { chunk, field } = layout.place(bucket, offset)
          expect(layout.locate(chunk, field)).toEqual({ bucket, offset })
          expect(Number.parseInt(chunk, 10)).toBe(layout.score(bucket))
          expect(layout.lastBucket(layout.score(bucket))).toBeGreaterThanOrEqual(bucket)
          const cell = `${bucket} ${offset}`
          expect(places.get(`${chunk} ${field}`) ?? cell).toBe(cell)
          places.set(`${chunk} ${field}`, cell)
        }
      }
    }
  })

  it('never puts two texts into one hash, since they may be long', () => {
    for (const fanOut of fanOuts) {
      const layout = layoutOf(fanOut, 'text')
      const chunks = [0, 1, 2].flatMap((bucket) =>
        Array.from({ length: fanOut }, (_, offset) => layout.place(bucket, offset).chunk),
      )
      expect(new Set(chunks).size).toBe(chunks.length)
    }
  })

  it('keeps hashes within the size that Redis stores compactly', () => {
    for (const fanOut of fanOuts) {
      const layout = layoutOf(fanOut, 'int64')
      const chunks = new Map<string, number>()
      for (let bucket = 0; bucket < 600; bucket++) {
        for (let offset = 0; offset < fanOut; offset++) {
          const { chunk, field } = layout.place(bucket, offset)
          if (field >= 128) expect.fail(`field ${field}`)
          chunks.set(chunk, (chunks.get(chunk) ?? 0) + 1)
        }
      }
      expect(Math.max(...chunks.values())).toBeLessThanOrEqual(128)
    }
  })
})
