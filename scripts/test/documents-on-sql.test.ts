import { describeBlocks } from './document-blocks.ts'

describeBlocks(['postgres', 'mysql', 'mariadb'])
