import { describeServer } from './kit.ts'

describeServer('mongo-java-server', { further: true })
