import { ByteBudget } from '@kairos/events/http'
import { expect, it } from 'vitest'
import { heldAnswer } from '../../src/http/held-answer.ts'

it('holds the bytes of an answer until the client has taken them or has left, and refuses others meanwhile', async () => {
  const budget = new ByteBudget(100_000)
  const text = 'ä'.repeat(60_000)
  const make = () => heldAnswer(new Response(text, { status: 201, headers: { 'x-a': 'b' } }), budget)
  const [taken, left] = [await make(), await heldAnswer(new Response('x', { status: 400 }), budget)]
  expect([left.status, await left.text(), budget.isFull]).toEqual([400, 'x', true])
  await expect(make()).rejects.toMatchObject({ status: 503 })
  expect([taken.status, taken.headers.get('x-a'), await taken.text(), budget.isFull]).toEqual([201, 'b', text, false])
  const unread = await make()
  expect(budget.isFull).toBe(true)
  await unread.body!.cancel()
  expect(budget.isFull).toBe(false)
  expect(await heldAnswer(new Response(null, { status: 204 }), budget)).toMatchObject({ status: 204, body: null })
})
