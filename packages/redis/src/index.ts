export type { RedisClientLike, RedisPipelineLike } from './connection/adapt-client.ts'
export { driverFromUrl, type RedisDriver, redisDriver } from './driver.ts'
export type { RedisDriverOptions } from './options.ts'
export type { RedisFetch, RedisFetchQuery } from './store/fetch.ts'
