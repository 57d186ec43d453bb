import type { Checkouts } from './checkouts.ts'
import type { MongoCollectionLike, MongoCursorLike, MongoDocument, MongoSessionLike } from './client.ts'
import { answerWithin, NoAnswerError } from './deadline.ts'
import { codeOf, NO_SUCH_COLLECTION, UnsentError, unwrapped } from './error-codes.ts'
import type { JoinedSession } from './joined-session.ts'

/** How the requests of one collection are sent. */
export interface RequestSettings {
  readonly collection: MongoCollectionLike
  /** The longest that a request, or one batch of a cursor, may take, in milliseconds. */
  readonly timeout: number
  readonly client?: object
  /** Of that client. */
  readonly checkouts?: Checkouts
  /** Awaited before each request; rejects if none may be sent. */
  readonly check?: () => Promise<void> | undefined
  readonly joined?: JoinedSession
}

/** Receives a document; returns false to stop. */
export type Take = (document: MongoDocument) => unknown

/** The only way the driver talks to a collection: each request is checked before it is sent, bounded in time, and part of the session. */
export class Requests {
  readonly #settings: RequestSettings

  constructor(settings: RequestSettings) {
    this.#settings = settings
  }

  get collectionName(): string {
    return this.#settings.collection.collectionName
  }

  get session(): MongoSessionLike | undefined {
    return this.#settings.joined?.session
  }

  /** A failure in a transaction ends all of it. */
  get inTransaction(): boolean {
    return this.#settings.joined?.inTransaction === true
  }

  /** The client that sends them, if it is known. */
  get client(): object | undefined {
    return this.#settings.client
  }

  /** These requests, as part of the session. */
  in(joined: JoinedSession | undefined): Requests {
    return joined === undefined ? this : new Requests({ ...this.#settings, joined })
  }

  /** These requests, with this check before each. */
  checkedBy(check: () => Promise<void> | undefined): Requests {
    return new Requests({ ...this.#settings, check })
  }

  /** The documents of a filter, one batch of the server after another. */
  find(filter: object, options: object, take: Take): Promise<void> {
    return this.#drain((collection, common) => collection.find(filter, { ...options, ...common }), take)
  }

  async findOne(filter: object, options: object): Promise<MongoDocument | null> {
    let found: MongoDocument | null = null
    await this.find(filter, { ...options, limit: 1, readPreference: 'primary' }, (document) => {
      found = document
      return false
    })
    return found
  }

  aggregate(pipeline: object[], options: object, take: Take): Promise<void> {
    return this.#drain((collection, common) => collection.aggregate(pipeline, { ...options, ...common }), take)
  }

  /** The documents that the caller's function reads from the collection. */
  async fetch(
    documents: (collection: MongoCollectionLike) => AsyncIterator<unknown> | Iterator<unknown>,
    take: (document: unknown) => void,
  ): Promise<void> {
    await this.#settings.check?.()
    this.#settings.joined?.check()
    const iterator = documents(this.#settings.collection)
    let ended = false
    try {
      for (;;) {
        const next = await answerWithin(this.#settings.timeout, async () => iterator.next())
        if (next.done) {
          ended = true
          return
        }
        take(next.value)
      }
    } finally {
      // Not awaited, since it may hang for the same reason.
      if (!ended) Promise.resolve(iterator.return?.()).catch(() => {})
    }
  }

  /** Resolves to how many of the updates found or inserted a document, and which inserted one. */
  async bulkWrite(
    operations: readonly object[],
  ): Promise<{ readonly found: number; readonly inserted: Readonly<Record<number, unknown>> }> {
    const { matchedCount, upsertedCount, upsertedIds } = await this.#send((collection, common) =>
      collection.bulkWrite(operations, { ordered: false, ...common }),
    )
    return { found: Number(matchedCount) + Number(upsertedCount), inserted: upsertedIds }
  }

  /** Resolves to whether a document matched or was inserted. */
  async updateOne(filter: object, update: object, options: { readonly upsert?: true } = {}): Promise<boolean> {
    const { matchedCount, upsertedCount } = await this.#send((collection, common) =>
      collection.updateOne(filter, update, { ...options, ...common }),
    )
    return Number(matchedCount) + Number(upsertedCount ?? 0) > 0
  }

  /** The document after the update; null: there is none. */
  async findOneAndUpdate(filter: object, update: object, projection: object): Promise<MongoDocument | null> {
    const options = { returnDocument: 'after', includeResultMetadata: false, projection }
    return (await this.#send((collection, common) =>
      collection.findOneAndUpdate(filter, update, { ...options, ...common }),
    )) as MongoDocument | null
  }

  /** Resolves to how many documents matched. */
  async updateMany(filter: object, update: object): Promise<number> {
    return Number(
      (await this.#send((collection, common) => collection.updateMany(filter, update, common))).matchedCount,
    )
  }

  async insertOne(document: object): Promise<void> {
    await this.#send((collection, common) => collection.insertOne(document, common))
  }

  async deleteMany(filter: object): Promise<number> {
    return Number((await this.#send((collection, common) => collection.deleteMany(filter, common))).deletedCount)
  }

  async countDocuments(filter: object): Promise<number> {
    return Number(await this.#send((collection, common) => collection.countDocuments(filter, common)))
  }

  async createIndexes(indexes: object[]): Promise<void> {
    await this.#send((collection, common) => collection.createIndexes(indexes, common))
  }

  /** Drops the collection, if there is one. */
  async drop(): Promise<void> {
    try {
      await this.#send((collection, common) => collection.drop(common))
    } catch (error) {
      if (codeOf(error) !== NO_SUCH_COLLECTION) throw error
    }
  }

  #common(): object {
    const { timeout, joined } = this.#settings
    return { maxTimeMS: timeout, ...(joined && { session: joined.session }) }
  }

  async #send<T>(request: (collection: MongoCollectionLike, common: object) => Promise<T>): Promise<T> {
    const { collection, timeout, checkouts, joined, check } = this.#settings
    await check?.()
    // Last, so that nothing comes between it and the request.
    joined?.check()
    const before = checkouts?.count
    try {
      return await answerWithin(timeout, (signal) => request(collection, { ...this.#common(), signal }))
    } catch (thrown) {
      const error = unwrapped(thrown)
      // Counted over the whole client, so that requests sent meanwhile may hide that this one was not; never the other way round. A session may
      // have a connection of its own.
      const unsent = joined === undefined && before !== undefined && before === checkouts?.count
      throw unsent && error instanceof Error && !(error instanceof NoAnswerError) ? new UnsentError(error) : error
    }
  }

  async #drain(open: (collection: MongoCollectionLike, common: object) => MongoCursorLike, take: Take): Promise<void> {
    const { collection, timeout, joined, check } = this.#settings
    await check?.()
    const cursor = open(collection, this.#common())
    let answering = false
    try {
      for (;;) {
        await check?.()
        joined?.check()
        answering = false
        const more = await answerWithin(timeout, () => cursor.hasNext())
        answering = true
        if (!more) return
        // By batches, since iterating by documents costs a promise for each.
        for (const document of cursor.readBufferedDocuments()) if (take(document) === false) return
      }
    } finally {
      const closed = answerWithin(timeout, () => cursor.close())
      if (answering) await closed
      else closed.catch(() => {})
    }
  }
}
