import { describe, expect, it } from 'vitest'
import { ownRedis } from '../../redis/test/own-redis.ts'
import { digest } from '../src/index.ts'
import { moveAlong } from './support/chain.ts'
import { filledSample, SAMPLES } from './support/samples.ts'

const url = await ownRedis()

describe.skipIf(url === undefined)('a migration from SQLite to Redis and back', () => {
  it.each(SAMPLES)('leaves one digest of a %s', async (sample) => {
    const source = await filledSample(sample, 'sqlite::memory:')
    expect(await moveAlong(source, sample, [url!, 'sqlite::memory:'])).toEqual(await digest(source))
    await source.close()
  })
})
