/** A server that tests talk to. */
export interface TestServer {
  readonly name: string
  readonly url: string | undefined
  /** Deletes documents whose `expireAt` has come. */
  readonly expires: boolean
  /** Has sessions and transactions, and knows a repeated write again. */
  readonly sessions: boolean
}

/** Two that share no code; SecantusDB may as well be a MongoDB, by KAIROS_TEST_MONGO_URL. */
export const servers: readonly TestServer[] = [
  { name: 'SecantusDB', url: process.env.KAIROS_TEST_MONGO_URL, expires: true, sessions: true },
  { name: 'mongo-java-server', url: process.env.KAIROS_TEST_MONGO_JAVA_URL, expires: false, sessions: false },
]
