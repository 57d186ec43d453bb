import type { Requests } from '../connection/requests.ts'
import { UNIQUE_KEY } from './layout.ts'

/** Creates the collection and its indexes; does nothing if they exist. */
export function createIndexes(requests: Requests): Promise<void> {
  return requests.createIndexes([
    { key: UNIQUE_KEY, name: 'kairos_cells', unique: true },
    { key: { expireAt: 1 }, name: 'kairos_expiry', expireAfterSeconds: 0 },
  ])
}
