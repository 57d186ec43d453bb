export { type KeepEvictingOptions, keepEvicting } from './node/keep-evicting.ts'
export { type ListenerOptions, nodeListener, type RequestHandler } from './node/node-listener.ts'
export { type RunningServer, type ServeOptions, serveHttp } from './node/serve-http.ts'
