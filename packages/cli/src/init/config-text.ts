/** What a configuration should be of. */
export interface Wishes {
  readonly store: string
  readonly type: string
  readonly name: string
}

/** What a bucket holds, by type. */
export const TYPES: Readonly<Record<string, string>> = {
  count: 'a number, to which writes add',
  gauge: 'the last value',
  summary: 'count, sum, minimum, maximum and last value',
  distribution: 'quantiles of any number of values',
  histogram: 'values and how often each was seen',
  set: 'distinct values',
  unique: 'how many distinct values',
  series: 'values in the order of arrival',
}
/** Whose values have a type of their own. */
const WITH_VALUES: readonly string[] = ['gauge', 'histogram', 'set', 'series']

/** The text of a configuration, with comments. */
export function configText({ store, type, name }: Wishes, isTypeScript: boolean): string {
  const valueType = WITH_VALUES.includes(type)
    ? `\n      valueType: 'float', // or int, int64, decimal, string, text, boolean, blob, date, time, datetime, inet`
    : ''
  return `${isTypeScript ? "import type { ServerConfig } from '@kairos/server'\n\n" : ''}export default {
  // Stores by name. Passwords come from the environment: \`redis://:\${process.env.REDIS_PASSWORD}@host\`
  stores: { main: ${literal(store)} },

  // Timeseries by name.
  timeseries: {
    ${literal(name)}: {
      store: 'main',
      // ${TYPES[type] ?? 'what a bucket holds'}; others: ${Object.keys(TYPES)
        .filter((other) => other !== type)
        .join(', ')}
      type: ${literal(type)},${valueType}
      intervals: {
        minute: { step: '1min', steps: 24 * 60 }, // for a day
        hour: { step: '1h', steps: 90 * 24 }, // for 90 days
        day: { step: 'daily' /* , zone: 'Europe/Berlin' */ }, // forever
      },
      // Which of the names that the server receives this one keeps: ** is any text, * a part between dots.
      match: '**',
      // Makes data for \`kairos bench\`.
      generator: () => ['home', ${generated(type)}],
    },
  },

  // Further names for what is sent: ['app.<status>', 'app.*.status.<status>']
  aggregates: [],
}${isTypeScript ? ' satisfies ServerConfig' : ''}
`
}

function generated(type: string): string {
  if (type === 'count') return '1'
  return type === 'unique' ? 'String(Math.floor(Math.random() * 1000))' : 'Math.floor(Math.random() * 100)'
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, (found) => `\\${found}`)}'`
}
