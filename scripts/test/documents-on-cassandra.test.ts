import { describeBlocks } from './document-blocks.ts'

describeBlocks(['cassandra'])
