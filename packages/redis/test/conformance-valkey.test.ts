import { urlOf } from './clients.ts'
import { describeIoredis, ITS_OWN } from './kit.ts'

describeIoredis('Valkey', urlOf('Valkey'), ITS_OWN)
