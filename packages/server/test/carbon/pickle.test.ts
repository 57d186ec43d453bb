import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { PickleError, readPickle } from '../../src/carbon/pickle-reader.ts'
import type { ServerConfig } from '../../src/index.ts'
import { listeners } from '../listening.ts'
import { sendTcp } from '../support.ts'

/** What Python makes of these points by protocol 0, 1 and 2. */
const POINTS = [
  ['a.b', [1_700_000_000, 1.5]],
  ['a.c', [1_700_000_000.5, -3]],
  ['a.d;x=é', [1_700_000_000, 2 ** 40]],
  ['a.e', [1_700_000_000, 300]],
  ['a.b', [1_700_000_000, 70_000]],
]
const PICKLES = [
  '286c70300a2856612e620a70310a2849313730303030303030300a46312e350a7470320a7470330a612856612e630a70340a2846313730303030303030302e350a492d330a7470350a7470360a612856612e643b783de90a70370a2849313730303030303030300a4c313039393531313632373737364c0a7470380a7470390a612856612e650a7031300a2849313730303030303030300a493330300a747031310a747031320a612867310a2849313730303030303030300a4937303030300a747031330a747031340a612e',
  '5d710028285803000000612e627101284a00f15365473ff8000000000000747102747103285803000000612e637104284741d954fc402000004afdffffff747105747106285808000000612e643b783dc3a97107284a00f153654c313039393531313632373737364c0a747108747109285803000000612e65710a284a00f153654d2c0174710b74710c286801284a00f153654a7011010074710d74710e652e',
  '80025d7100285803000000612e6271014a00f15365473ff80000000000008671028671035803000000612e6371044741d954fc402000004afdffffff8671058671065808000000612e643b783dc3a971074a00f153658a060000000000018671088671095803000000612e65710a4a00f153654d2c0186710b86710c68014a00f153654a7011010086710d86710e652e',
].map((hex) => Buffer.from(hex, 'hex'))

const intervals = { minute: { step: '1min' } } as const
const config: ServerConfig = {
  stores: { main: 'memory:' },
  timeseries: { metrics: { type: 'summary', intervals, match: '**' } },
  server: { carbon: { port: 0, picklePort: 0 } },
}

function message(...pickle: (Buffer | string)[]): Buffer {
  const body = Buffer.concat(pickle.map((part) => Buffer.from(part as string, 'latin1')))
  const header = Buffer.alloc(4)
  header.writeUInt32BE(body.length)
  return Buffer.concat([header, body])
}

describe('readPickle', () => {
  it('reads lists, tuples, texts and numbers of protocols 0 to 2', () => {
    for (const pickle of PICKLES) expect(readPickle(pickle)).toEqual(POINTS)
    const python2 = "(lp0\n(S'a.b\\'\\xc3\\xa9'\np1\n(I1700000000\nL3L\ntp2\ntp3\nag3\na."
    const point = ["a.b'é", [1_700_000_000, 3]]
    expect(readPickle(Buffer.from(python2, 'latin1'))).toEqual([point, point])
  })

  it('reads texts as Python spells them', () => {
    const text = (pickle: string): unknown => readPickle(Buffer.from(pickle, 'latin1'))
    expect(text('V\\U0001f600 \\u00e9 \xe9 \\u005c \\\\u0061 \\x61 \\U00110000\n.')).toBe(
      '\u{1f600} é é \\ \\\\u0061 \\x61 \\U00110000',
    )
    expect(text("S'\\xc3\\xa9 \\101\\60 \\\\x \\' \\q \\t'\n.")).toBe("é A0 \\x ' \\q \t")
    expect(text('S"\\a\\b\\f\\v\\0"\n.')).toBe('\u0007\b\f\v\0')
    expect(() => text("S'\\377'\n.")).toThrow('must be UTF-8')
  })

  it('can make nothing else, and does not grow', () => {
    const bad = [
      "cos\nsystem\n(S'ls'\ntR.",
      "c__builtin__\neval\n(S'1'\ntR.",
      '}.',
      '(d.',
      '\x80\x04].',
      '',
      ']',
      '.',
      '(',
      'l.',
      'h\x01.',
      'q\x01.',
      'a.',
      'K\x01K\x02a.',
      'X\xff\xff\xff\xffabc.',
      "S'abc\n.",
      'X\x01\x00\x00\x00\xff.',
      `\x8b\xff\xff\xff\xff${'1'.repeat(500)}.`,
    ]
    for (const text of bad)
      expect(() => readPickle(Buffer.from(text, 'latin1')), JSON.stringify(text)).toThrow(PickleError)
    // Each step doubles what is printed of it, and none copies it.
    const bomb = `]q\x00${'(h\x00h\x00lq\x00'.repeat(1_000)}.`
    expect(readPickle(Buffer.from(bomb, 'latin1'))).toHaveLength(2)
    expect(readPickle(Buffer.from(']q\x00h\x00a.', 'latin1'))).toHaveLength(1)
    expect(readPickle(Buffer.from(`L${'9'.repeat(1_000)}L\n.`, 'latin1'))).toBeNaN()
  })

  it('ends on any bytes', () => {
    let seed = 7
    const next = (): number => (seed = (seed * 48_271) % 2_147_483_647)
    for (let time = 0; time < 3_000; time++) {
      const bytes = Buffer.from(PICKLES[time % 3]!)
      for (let change = 0; change < 4; change++) bytes[next() % bytes.length] = next() % 256
      try {
        readPickle(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(PickleError)
      }
    }
  })
})

describe('Carbon’s pickles', () => {
  const listen = listeners()

  it('are taken however they are cut', async () => {
    const server = await listen(config)
    const bytes = Buffer.concat(PICKLES.map((pickle) => message(pickle)))
    const pieces = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1))
    await sendTcp(server.ports.pickle!, ...pieces, bytes)
    await server.taken(30)
    expect(await server.newest('metrics', 'a.b')).toMatchObject({ count: 12, max: 70_000, min: 1.5 })
    expect(await server.names('metrics')).toEqual(['a.b', 'a.c', 'a.d;x=é', 'a.e'])
  })

  it('say what is wrong with them', async () => {
    const server = await listen({ ...config, server: { ...config.server, limits: { maxPickleBytes: 300 } } })
    const port = server.ports.pickle!
    const points = "((S'a'\n(I1\nF1.0\nttS'b'\n(S'b'\n(I1\nS'x'\ntt(S'c'\n(I-5\nI1\ntt(N(I1\nI1\ntt(S''\n(I1\nI1\nttl."
    await sendTcp(port, message(points), message('x'), message(']q\x00h\x00a.'), message('K\x01.'))
    await sendTcp(port, message('x'.repeat(301)), 'more')
    await sendTcp(port, message(points).subarray(0, 50))
    await server.taken(11)
    const dead = (reason: never) => server.dead(reason).length
    expect(['malformed', 'value', 'time', 'name', 'tooLong', 'incomplete'].map((each) => dead(each as never))).toEqual([
      5, 1, 1, 1, 1, 1,
    ])
    expect(await server.names('metrics')).toEqual(['a'])
  })

  it('cuts who does not send on, and not those who come later, where messages together are too large', async () => {
    const server = await listen({ ...config, server: { ...config.server, limits: { maxBufferedBytes: 1_000 } } })
    const slow = connect(server.ports.pickle!, '127.0.0.1')
      .on('error', () => {})
      .resume()
    const closed = new Promise((resolve) => slow.once('close', resolve))
    const arrived = async (bytes: number): Promise<void> => {
      while (server.inbound.stats.pickle.bytes < bytes) await new Promise((resolve) => setImmediate(resolve))
    }
    slow.write(message('x'.repeat(2_000)).subarray(0, 600))
    await arrived(600)
    const whole = message(`(${`(S'a'\n(I1\nF1.0\ntt`.repeat(100)}l.`)
    const other = connect(server.ports.pickle!, '127.0.0.1')
    other.write(whole.subarray(0, 900))
    await Promise.all([arrived(1_500), closed])
    other.end(whole.subarray(900))
    await server.taken(101)
    expect(await server.newest('metrics', 'a')).toMatchObject({ count: 100 })
    expect([server.dead('overload').length, server.inbound.stats.pickle.rejected]).toEqual([1, 1])
  })

  it('refuses names with a newline, and takes nothing behind it for tags', async () => {
    const server = await listen(config)
    await sendTcp(server.ports.pickle!, message('(U\x07a\nb:c,dJ\x00\xf1SeK\x01\x86\x86l.'))
    await server.taken(1)
    expect([await server.names('metrics'), server.dead('name')]).toEqual([[], ['a\nb:c,d 1700000000 1']])
  })

  it('takes paths that are recalled, but not one point again and again', async () => {
    const server = await listen(config)
    const point = 'U\x03a.bq\x00J\x00\xf1SeK\x01\x86\x86q\x01'
    const recalled = 'h\x00J\x00\xf1SeK\x02\x86\x86'
    await sendTcp(server.ports.pickle!, message('(', point, recalled.repeat(1_000), 'l.'))
    await sendTcp(server.ports.pickle!, message('(', point, 'h\x01'.repeat(500_000), 'l.'))
    const long = `X${String.fromCharCode(0x40, 0x42, 0x0f, 0)}${'n'.repeat(1_000_000)}q\x00`
    await sendTcp(server.ports.pickle!, message('(', long, `J\x00\xf1SeK\x01\x86\x86`, recalled.repeat(3), 'l.'))
    await server.taken(1_006)
    expect(server.inbound.deadLetters.list('tooLong').map(({ message }) => message)).toEqual(
      new Array(4).fill('a name must be at most 1000 bytes, not 1000000 characters'),
    )
    expect(await server.newest('metrics', 'a.b')).toMatchObject({ count: 1_001, sum: 2_001 })
    expect(server.inbound.deadLetters.list('malformed')).toMatchObject([
      { message: 'a pickle must not repeat its points' },
    ])
  })
})
