import { describe, invalidOption } from '@kairos/core/driver'

/** Where fields are found: the name of a column or key, or in a CSV without a header the number of the column, from 0. */
export type Columns<Field extends string> = { readonly [Name in Field]?: string | number | undefined }

/** @throws KAIROS_INVALID_CONFIG */
export function checkColumns(columns: object, fields: readonly string[]): void {
  for (const [field, column] of Object.entries(columns)) {
    if (!fields.includes(field))
      throw invalidOption({
        path: 'columns',
        expected: `an object with keys among ${fields.join(', ')}`,
        value: columns,
      })
    if (column !== undefined && typeof column !== 'string' && typeof column !== 'number')
      throw invalidOption({ path: `columns.${field}`, expected: 'the name or the number of a column', value: column })
  }
}

/** The values of the fields of a row; what a row does not have, or leaves empty, comes from the defaults. */
export function fieldReader<Field extends string>(
  fields: readonly Field[],
  columns: Columns<Field>,
  defaults: { readonly [Name in Field]?: unknown },
): (row: Readonly<Record<string, unknown>>) => { readonly [Name in Field]?: unknown } {
  const places = fields.map((field) => [field, String(columns[field] ?? field)] as const)
  return (row) => {
    const found: { [Name in Field]?: unknown } = {}
    for (const [field, column] of places) {
      const value = Object.hasOwn(row, column) ? row[column] : undefined
      const given = value === undefined || value === null || value === '' ? (defaults[field] ?? value) : value
      if (given !== undefined) found[field] = given
    }
    return found
  }
}

/** For a message: the field, where it is looked for, and what was found. */
export function fieldFault(field: string, expected: string, value: unknown): string {
  return `${field} must be ${expected}, not ${describe(value)}`
}
