import { type DriverTest, ofTypes } from '../driver-test.ts'
import { agree } from '../internal/agree.ts'
import { collect } from '../internal/any-timeseries.ts'
import { valueTypesOf } from '../internal/scalars.ts'
import { TYPES } from '../internal/types.ts'

/** Values as callers write them, several spellings of one among them. */
const WRITTEN: Readonly<Record<string, readonly unknown[]>> = {
  float: [0, -0, 0.1, 1e300, 0],
  int: [0, -0, 7, Number.MIN_SAFE_INTEGER, 7],
  int64: [7, 7n, -1n, 2n ** 63n - 1n],
  decimal: ['1.50', '1.5', '+1.5', '-0', '007', '0.10'],
  string: ['', 'a', 'A', 'é', 'e\u0301', '1', '1.0'],
  text: ['', 'a', 'A', 'é', 'e\u0301', '1', '1.0'],
  boolean: [true, false, true],
  blob: [new Uint8Array([0, 255]), new Uint8Array(0), Buffer.from('buffer')],
  date: ['2024-02-29', '0001-01-01'],
  time: ['12:00:00', '12:00:00.000', '12:00:00.5', '12:00:00.500000'],
  datetime: [new Date(0), new Date(-1), new Date(1_700_000_000_123)],
  inet: ['127.0.0.1', '::FFFF:127.0.0.1', '2001:DB8:0::1', '2001:db8::1'],
}

export const callerValueTests: readonly DriverTest[] = ofTypes(TYPES, (type) =>
  valueTypesOf(type).map(
    (valueType): DriverTest => ({
      title: `caller's values: ${type} of ${valueType}`,
      run: (context) =>
        agree(
          context,
          { type, valueType, intervals: { minute: { step: 60 } } },
          async (timeseries, _clock, answers) => {
            const values = WRITTEN[valueType]!
            answers.set('written', await timeseries.insert('a', values))
            for (const [index, value] of values.entries())
              await timeseries.insert('b', value, { timestamp: index * 60 })
            answers.set('all in one bucket', await timeseries.get('a', 'minute'))
            answers.set(
              'one in each',
              await collect(timeseries.iterate('b', 'minute', { transform: (data: unknown) => data })),
            )
          },
        ),
    }),
  ),
)
