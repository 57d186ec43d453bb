import { ByteBudget } from '@kairos/events/http'
import { expect, it } from 'vitest'
import { heldAnswer } from '../../src/http/held-answer.ts'

it('holds the bytes of an answer until the client has taken them or has left, and refuses others meanwhile', async () => {
  const budget = new ByteBudget(100_000)
  const text = 'ä'.repeat(60_000)
  const make = () => heldAnswer(new Response(text, { status: 201, headers: { 'x-a': 'b' } }), budget, 200_000)
  const [taken, left] = [await make(), await heldAnswer(new Response('x', { status: 400 }), budget, 200_000)]
  expect([left.status, await left.text(), budget.isFull]).toEqual([400, 'x', true])
  await expect(make()).rejects.toMatchObject({ status: 503 })
  expect([taken.status, taken.headers.get('x-a'), await taken.text(), budget.isFull]).toEqual([201, 'b', text, false])
  const unread = await make()
  expect(budget.isFull).toBe(true)
  await unread.body!.cancel()
  expect(budget.isFull).toBe(false)
  expect(await heldAnswer(new Response(null, { status: 204 }), budget, 200_000)).toMatchObject({
    status: 204,
    body: null,
  })
})

it('makes no more of an answer than may be held, and lets go of what was made', async () => {
  const budget = new ByteBudget(100_000)
  let made = 0
  const endless = () => ReadableStream.from(piecesOf())
  async function* piecesOf() {
    for (;;) {
      made += 10_000
      yield new Uint8Array(10_000)
    }
  }
  await expect(heldAnswer(new Response(endless()), budget, 50_000)).rejects.toMatchObject({ status: 400 })
  await expect(heldAnswer(new Response(endless()), budget, 1_000_000)).rejects.toMatchObject({ status: 503 })
  expect([made < 300_000, budget.isFull]).toEqual([true, false])
})
