/** What each valueType comes back as. */
export interface ValueOf {
  float: number
  int: number
  int64: bigint
  decimal: string
  string: string
  text: string
  boolean: boolean
  blob: Uint8Array
  date: string
  time: string
  datetime: Date
  inet: string
}
/** What a value is, on every store. */
export type ValueType = keyof ValueOf

/** What each valueType accepts, which may be more than what comes back. */
export interface InputOf extends Omit<ValueOf, 'int64'> {
  int64: bigint | number
}

/** All of them. */
export const VALUE_TYPES: readonly ValueType[] = [
  'float',
  'int',
  'int64',
  'decimal',
  'string',
  'text',
  'boolean',
  'blob',
  'date',
  'time',
  'datetime',
  'inet',
]

const NO_KEYS: readonly ValueType[] = ['text', 'blob', 'datetime']

export function isValueType(value: unknown): value is ValueType {
  return (VALUE_TYPES as readonly unknown[]).includes(value)
}

/** Whether its values are short enough to be keys, so that histograms and sets can hold them. */
export function isKeyable(valueType: ValueType): boolean {
  return !NO_KEYS.includes(valueType)
}
