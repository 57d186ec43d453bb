/** A server whose URL is in the environment, where `npm test` puts it. If it is missing, its tests are skipped. */
export interface TestServer {
  readonly name: string
  readonly variable: string
  readonly url: string | undefined
}

function server(name: string, variable: string): TestServer {
  return { name, variable, url: process.env[variable] }
}

export const servers: readonly TestServer[] = [
  server('PostgreSQL 15', 'KAIROS_TEST_POSTGRES_URL'),
  server('PostgreSQL 18', 'KAIROS_TEST_POSTGRES18_URL'),
  server('MariaDB', 'KAIROS_TEST_MARIADB_URL'),
  server('MySQL', 'KAIROS_TEST_MYSQL_URL'),
]
