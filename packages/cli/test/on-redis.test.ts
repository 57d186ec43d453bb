import { describe } from 'vitest'
import { describeReading } from './support/describe-reading.ts'

const url = process.env.KAIROS_TEST_REDIS_URL

describe.skipIf(!url)('on Redis', () => {
  // A database of its own: discover shows what everyone has written.
  describeReading('Redis', `${url}/7`)
})
