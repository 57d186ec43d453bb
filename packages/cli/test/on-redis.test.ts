import { describe } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { describeReading } from './support/describe-reading.ts'
import { describeWriting } from './support/describe-writing.ts'

const url = process.env.KAIROS_TEST_REDIS_URL

describe.skipIf(!url)('on Redis', () => {
  // Databases of their own: discover shows what everyone has written.
  describeReading('Redis', `${url}/7`)
  describeWriting('Redis', `${url}/8`)
  describeMigrating('Redis', `${url}/9`)
})
