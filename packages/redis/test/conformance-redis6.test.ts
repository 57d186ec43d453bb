import { urlOf } from './clients.ts'
import { describeIoredis, ITS_OWN } from './kit.ts'

describeIoredis('Redis 6.2', urlOf('Redis 6.2'), ITS_OWN)
