import { Command } from 'ioredis'
import { expect, it } from 'vitest'
import type { Argument } from '../src/connection/client.ts'
import { encodeCommand } from '../src/connection/encode-command.ts'

it('spells commands as ioredis does', () => {
  const texts = [
    '',
    'a',
    'name',
    'é',
    'ü'.repeat(30),
    '日本',
    '𝄞',
    'x'.repeat(23),
    'x'.repeat(24),
    'x'.repeat(25),
    `${'k'.repeat(99)}é`,
  ]
  const bytes = [Buffer.alloc(0), Buffer.from([0, 13, 10, 255]), Buffer.alloc(1_000, 7)]
  const sizes = [9, 10, 99, 100, 9_999, 100_000].map((size) => 'y'.repeat(size))
  const lists: Argument[][] = [[], texts, bytes, sizes, ['x'.repeat(20), 'é'], ['x'.repeat(30), 'é'.repeat(30)]]
  for (const one of [...texts, ...bytes]) for (const other of [...texts, ...bytes]) lists.push([one, other])
  for (const list of lists) {
    const written = new Command('evalsha', [...list]).toWritable({}) as string | Buffer
    expect(encodeCommand(['evalsha', ...list])).toEqual(Buffer.from(written))
  }
})
