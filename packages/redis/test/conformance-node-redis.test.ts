import { nodeRedis, REDIS_URL } from './clients.ts'
import { describeNodeRedis } from './kit.ts'

describeNodeRedis('the installed Redis', REDIS_URL, nodeRedis, { further: true })
