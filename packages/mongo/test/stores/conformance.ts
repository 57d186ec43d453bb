import type { DriverTestOptions } from '@kairos/driver-tests'
import { mongoDriver } from '../../src/index.ts'

/** The same place in another process. */
export const create: DriverTestOptions['create'] = ({ place }) =>
  mongoDriver(process.env.KAIROS_TEST_STORE!, { database: 'kairos_conformance', collectionName: place, lease: 100 })
