import { memoryDriver } from '@kairos/core'
import { afterAll, describe, it } from 'vitest'
import { describeDriver } from '../src/index.ts'

describeDriver({
  runner: { describe, it, afterAll },
  name: 'memory driver',
  create: () => memoryDriver(),
  shared: false,
})
