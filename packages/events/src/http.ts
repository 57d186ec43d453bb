/** What servers that answer beside the handler share with it: who may call, and what a request may cost. */

export {
  type AccessRules,
  type AllowedHosts,
  checkHost,
  checkHosts,
  checkOrigin,
  checkToken,
  checkTokens,
} from './http/access-rules.ts'
export { ByteBudget, HeldBytes } from './http/byte-budget.ts'
export { type AllowedOrigins, checkOrigins, corsHeaders } from './http/cors.ts'
export { readBody } from './http/read-body.ts'
export { RequestCount } from './http/request-count.ts'
export { httpStatus, publicMessage, RequestError, serverBusy } from './http/request-error.ts'
export { withHeaders } from './http/with-headers.ts'
