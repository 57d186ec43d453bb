import { describeEndToEnd } from './support/end-to-end.ts'

describeEndToEnd('PostgreSQL', process.env.KAIROS_TEST_POSTGRES_URL)
describeEndToEnd('MariaDB', process.env.KAIROS_TEST_MARIADB_URL)
