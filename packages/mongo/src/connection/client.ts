/** A document, as a client returns and accepts it. */
export type MongoDocument = Readonly<Record<string, unknown>>

/** What the driver calls on a cursor: `FindCursor` and `AggregationCursor` of the package `mongodb` fit. */
export interface MongoCursorLike extends AsyncIterable<MongoDocument> {
  hasNext(): Promise<boolean>
  readBufferedDocuments(): MongoDocument[]
  close(): Promise<void>
}

/** What the driver calls on a collection: `Collection` of the package `mongodb` fits. */
export interface MongoCollectionLike {
  readonly collectionName: string
  find(filter: object, options?: object): MongoCursorLike
  aggregate(pipeline: object[], options?: object): MongoCursorLike
  bulkWrite(
    operations: readonly object[],
    options?: object,
  ): Promise<{
    readonly matchedCount: number
    readonly upsertedCount: number
    readonly upsertedIds: Readonly<Record<number, unknown>>
  }>
  findOneAndUpdate(filter: object, update: object, options: object): Promise<unknown>
  updateOne(
    filter: object,
    update: object,
    options?: object,
  ): Promise<{ readonly matchedCount: number; readonly upsertedCount?: number }>
  updateMany(filter: object, update: object, options?: object): Promise<{ readonly matchedCount: number }>
  insertOne(document: object, options?: object): Promise<unknown>
  deleteMany(filter: object, options?: object): Promise<{ readonly deletedCount: number }>
  countDocuments(filter: object, options?: object): Promise<number>
  createIndexes(indexes: object[], options?: object): Promise<unknown>
  drop(options?: object): Promise<unknown>
}

/** What a server says of a collection. */
export interface MongoCollectionInfo {
  readonly name: string
  readonly type?: string
  readonly options?: MongoDocument
}

/** What the driver calls on a database: `Db` of the package `mongodb` fits. */
export interface MongoDbLike {
  readonly databaseName: string
  readonly client?: Pick<MongoClientLike, 'connect' | 'on'>
  collection(name: string, options?: object): MongoCollectionLike
  listCollections(filter: object, options?: { readonly nameOnly?: boolean }): AsyncIterable<MongoCollectionInfo>
  command(command: object, options?: object): Promise<unknown>
}

/** What the driver calls on a client: `MongoClient` of the package `mongodb` fits. */
export interface MongoClientLike {
  db(name?: string): MongoDbLike
  connect(): Promise<unknown>
  close(): Promise<void>
  /** With it, a write for which no connection could be found is known not to have been sent. */
  on?(event: 'connectionCheckedOut', listener: () => void): unknown
}

/** A session of your client: `ClientSession` of the package `mongodb` fits. */
export interface MongoSessionLike {
  inTransaction(): boolean
  readonly hasEnded?: boolean
  /** The client has these two, but does not declare them: its own, and what became of the last transaction, a new object for each. */
  readonly client?: object
  readonly transaction?: { readonly state?: string }
}

/** The constructors that the driver takes from the package `mongodb`. */
export interface MongoModule {
  readonly MongoClient: new (url: string, options?: object) => MongoClientLike
  readonly Double: new (value: number) => object
  readonly Decimal128: { fromString(text: string): object }
  readonly MongoError: new (message: string) => Error & { addErrorLabel(label: string): void }
}
