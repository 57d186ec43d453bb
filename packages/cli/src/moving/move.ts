import type { CellSource } from '@kairos/move'
import type { Call, Flag } from '../command.ts'

/** From where to where. */
export interface EndFlags {
  readonly from: Flag<'text'>
  readonly to: Flag<'text'>
  readonly config: Flag<'texts'>
  readonly timeseries: Flag<'text'>
  readonly fromPrefix: Flag<'text'>
  readonly fromTable: Flag<'text'>
  readonly fromDatabase: Flag<'text'>
  readonly fromEscape: Flag<'text'>
  readonly fromResolution: Flag<'list'>
}
/** A call that moves. */
export type EndCall = Pick<Call<EndFlags>, 'flags' | 'signal'>

/** A timeseries that is moved. */
export interface Move {
  readonly label: string
  readonly source: CellSource
  /** That of the target, and its store. */
  readonly config: object
  readonly to: string
  /** What reading the source has lost so far, in words. */
  lost?(): string[]
}
export type UseMove = (move: Move, isOnly: boolean) => Promise<void>
