import { describeServer } from './support/kit.ts'

describeServer('MySQL')
