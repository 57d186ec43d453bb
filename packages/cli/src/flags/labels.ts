import type { Flag } from '../command.ts'

export interface WhereFlags {
  readonly where: Flag<'texts'>
  readonly maxNames: Flag<'whole'>
}
export interface LabelFlags extends WhereFlags {
  readonly groupBy: Flag<'list'>
}

/** Names with labels that need not be known. */
export const whereFlags: WhereFlags = {
  where: {
    kind: 'texts',
    value: 'label',
    summary: 'the names with this label: status=500, route=/a,/b, status~^5, status!~^5; may be repeated',
  },
  maxNames: {
    kind: 'whole',
    value: 'count',
    summary: 'how many names --where, --prefix or --all may find; more are refused (10000)',
  },
}

/** And how they are joined. */
export const labelFlags: LabelFlags = {
  ...whereFlags,
  groupBy: {
    kind: 'list',
    value: 'labels',
    summary: 'join names with the same values of these labels; several with commas',
  },
}
