import { describe, expect, it } from 'vitest'
import { readLines } from '../../src/client/event-lines.ts'

async function* piecesOf(text: string, size: number): AsyncGenerator<Uint8Array, void, void> {
  const bytes = new TextEncoder().encode(text)
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function linesOf(text: string, size: number): Promise<string[]> {
  const all: string[] = []
  for await (const lines of readLines('/x', piecesOf(text, size))) all.push(...lines)
  return all
}

describe('the lines of a response', () => {
  it.each([1, 2, 3, 7, 100])('are the same in pieces of %i bytes', async (size) => {
    expect(await linesOf('one\r\ntwo\n\r\n\nthr\u00e9\u{1f600}e\r\n', size)).toEqual([
      'one',
      'two',
      'thr\u00e9\u{1f600}e',
    ])
  })

  // Scanning everything received so far with each piece would take minutes.
  it('may be long, and arrive in many pieces', async () => {
    const long = 'x'.repeat(20_000_000)
    const [line, end] = await linesOf(`${long}\r\nend\r\n`, 500)
    expect(line === long).toBe(true)
    expect(end).toBe('end')
  })

  it('are UTF-8: other bytes fail, instead of becoming other characters', async () => {
    const pieces = async function* () {
      yield new Uint8Array([0x61, 0xff, 0x0a])
    }
    await expect(readLines('/x', pieces()).next()).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED' })
  })

  it('are all terminated: one that is not was cut', async () => {
    await expect(linesOf('one\r\ntw', 4)).rejects.toMatchObject({ code: 'KAIROS_STORE_FAILED', retryable: true })
  })
})
