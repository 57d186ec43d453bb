import { urlOf } from './clients.ts'
import { describeIoredis, ITS_OWN } from './kit.ts'

describeIoredis('Redis 8', urlOf('Redis 8'), ITS_OWN)
