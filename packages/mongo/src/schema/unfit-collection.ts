import { KairosError } from '@kairos/core'
import type { MongoCollectionInfo } from '../connection/client.ts'
import type { Connection } from '../connection/connection.ts'
import { codeOf, UNAUTHORIZED } from '../connection/error-codes.ts'

/**
 * What a collection that something else has created does with its documents would change numbers: with a collation, names that it takes for the same
 * would be counted together; a capped collection drops its oldest documents.
 * @throws KAIROS_INVALID_CONFIG
 */
export async function refuseUnfit({ collectionInfo }: Connection, name: string): Promise<void> {
  const reason = unfit(await infoOrNone(() => collectionInfo(name)))
  if (reason === undefined) return
  const message = `the collection ${JSON.stringify(name)} must be an ordinary one, not ${reason}; use another collectionName`
  throw new KairosError('KAIROS_INVALID_CONFIG', message, { path: 'collectionName', driver: 'mongo' })
}

function unfit({ type = 'collection', options = {} }: Partial<MongoCollectionInfo>): string | undefined {
  if (type !== 'collection') return `of the type ${JSON.stringify(type)}`
  if (options.capped === true) return 'a capped one'
  return options.collation === undefined ? undefined : 'one with a collation'
}

/** A login may be allowed to use the collection and not to look at it. */
async function infoOrNone(info: () => Promise<MongoCollectionInfo | undefined>): Promise<Partial<MongoCollectionInfo>> {
  try {
    return (await info()) ?? {}
  } catch (error) {
    if (UNAUTHORIZED.has(codeOf(error))) return {}
    throw error
  }
}
