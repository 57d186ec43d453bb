import { type Part, part } from './part.ts'

export const connecting: Part<typeof import('./pipeline/connect.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/connect.ts'),
)
export const writing: Part<typeof import('./pipeline/write/index.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/write/index.ts'),
)
export const buffering: Part<typeof import('./pipeline/write/loaded-buffer.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/write/loaded-buffer.ts'),
)
export const reading: Part<typeof import('./pipeline/read/index.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/read/index.ts'),
)
export const querying: Part<typeof import('./pipeline/read/query.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/read/query.ts'),
)
export const ranking: Part<typeof import('./pipeline/top.ts')> = /* @__PURE__ */ part(() => import('./pipeline/top.ts'))
export const managing: Part<typeof import('./pipeline/manage.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/manage.ts'),
)
export const naming: Part<typeof import('./pipeline/names.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/names.ts'),
)
export const dropping: Part<typeof import('./pipeline/drop.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/drop.ts'),
)
export const copying: Part<typeof import('./pipeline/cells/read-cells.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/cells/read-cells.ts'),
)
export const correcting: Part<typeof import('./pipeline/cells/write-cells.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/cells/write-cells.ts'),
)
export const rebuilding: Part<typeof import('./pipeline/rebuild/index.ts')> = /* @__PURE__ */ part(
  () => import('./pipeline/rebuild/index.ts'),
)
