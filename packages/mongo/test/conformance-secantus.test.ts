import { describeServer } from './kit.ts'

describeServer('SecantusDB')
