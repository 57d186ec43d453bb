/** Which documents hold a cell that may have several; `s` tells them apart. */
export interface CellKey {
  readonly name: string
  readonly interval: string
  readonly i: number
  readonly r: number
}
