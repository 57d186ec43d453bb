import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, expect, it, vi } from 'vitest'
import type { Target } from '../../src/listen/line-intake.ts'
import { PacedStream } from '../../src/listen/paced-stream.ts'
import { IntakeStats } from '../../src/write/intake-stats.ts'

class Connection extends EventEmitter {
  isPaused = false
  destroyed = false

  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }
}

/** A stream of 64 KB, with what has been taken of it. */
function stream(onPiece: () => void = () => {}) {
  const connection = new Connection()
  const room = { isFull: false, ready: Promise.withResolvers<void>() }
  const taken: Buffer[] = []
  const target = {
    writer: {
      get isFull() {
        return room.isFull
      },
      ready: () => room.ready.promise,
    },
  } as unknown as Target
  const taker = {
    take(piece: Buffer) {
      taken.push(piece)
      onPiece()
      return true
    },
    end: () => taken.push(Buffer.from('end')),
  }
  const stats = new IntakeStats()
  const paced = new PacedStream(connection as unknown as Socket, taker, target, stats)
  return { connection, room, taken, stats, paced }
}

const LINES = Buffer.from('some.name 1 1700000000\n'.repeat(2_849))

afterEach(() => vi.restoreAllMocks())

it('takes what came in pieces that end with a line, and lets others have a turn when time is over', async () => {
  let now = performance.now()
  vi.spyOn(performance, 'now').mockImplementation(() => now)
  const { connection, taken, stats, paced } = stream(() => (now += 15))
  await nextTurn()
  paced.take(LINES)
  expect([taken.length, connection.isPaused]).toEqual([2, true])
  let turns = 0
  while (connection.isPaused) {
    await nextTurn()
    turns++
  }
  expect(turns).toBeGreaterThanOrEqual(4)
  expect(Buffer.concat(taken).equals(LINES)).toBe(true)
  expect(taken.filter((piece) => piece.at(-1) !== 10)).toEqual([])
  expect(stats.pauses).toBe(0)
})

it('takes nothing while there is no room, but all that came when the connection is closed', async () => {
  const { connection, room, taken, stats, paced } = stream(() => (room.isFull = true))
  await nextTurn()
  paced.take(LINES)
  await nextTurn()
  expect([taken.length, connection.isPaused, stats.pauses]).toEqual([1, true, 1])
  const { ready } = room
  room.ready = Promise.withResolvers()
  room.isFull = false
  ready.resolve()
  while (stats.pauses < 2) await nextTurn()
  expect(taken.length).toBe(2)
  connection.destroyed = true
  await paced.end()
  expect(taken.at(-1)?.toString()).toBe('end')
  expect(Buffer.concat(taken.slice(0, -1)).equals(LINES)).toBe(true)
})
