import { describe } from 'vitest'
import { describeKit } from './support/kit.ts'
import { SINGLE_URL } from './support/servers.ts'

describe.skipIf(SINGLE_URL === undefined)('one node', () => describeKit(SINGLE_URL ?? '', 1))
