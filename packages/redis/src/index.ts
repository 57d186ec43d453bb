export { driverFromUrl, redisDriver } from './driver.ts'
export type {
  RedisClientLike,
  RedisDriver,
  RedisDriverOptions,
  RedisFetch,
  RedisFetchRequest,
  RedisPipelineLike,
} from './public-types.ts'
