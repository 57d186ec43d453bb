/** A single node. */
export const SINGLE_URL: string | undefined = process.env.KAIROS_TEST_CASSANDRA_URL
/** A ring of three nodes, on 127.0.0.1, .2 and .3. */
export const RING_URL: string | undefined = process.env.KAIROS_TEST_CASSANDRA_RING_URL
