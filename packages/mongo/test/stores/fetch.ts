import type { MongoFetch } from '../../src/index.ts'

/** Reads exactly what the driver itself would. */
export const fetchAsRead: MongoFetch = (collection, { filter, sort, projection }) =>
  collection.find(filter, { sort, projection })
