import { between, type Rule } from './rules.ts'

/** Of one value, in buckets after or before its own. More are a mistake, which must not exhaust the memory. */
const MOST = 10_000

/** The option `intervals` of writes: into how many buckets after or before its own a value is copied. */
export const COPIES: Rule = /* @__PURE__ */ between(`an integer from -${MOST} to ${MOST}`, -MOST, MOST)
