/** Marks a transform that core made, also one of another copy of this package. */
export const planned: unique symbol = /* @__PURE__ */ Symbol.for('kairos.transform')

/** Which one, and its parameter; a read has the code. */
export type Planned =
  | { readonly name: 'top'; readonly n: number }
  | { readonly name: 'share'; readonly test: (value: never) => boolean }

/** A transform of histograms that has parameters. */
export interface CountsTransform {
  readonly [planned]: Planned
}
