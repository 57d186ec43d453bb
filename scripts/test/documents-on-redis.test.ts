import { describeBlocks } from './document-blocks.ts'

describeBlocks(['redis', 'redis-cluster'])
