/**
 * The request as if its token came as `Bearer`: InfluxDB's clients send it as `Token`, browsers and Grafana as the password of basic
 * authentication, with any name.
 */
export function withBearer(request: Request): Request {
  const token = tokenIn(request.headers.get('authorization') ?? '')
  if (token === undefined) return request
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${token}`)
  return withHeadersOf(request, headers)
}

function tokenIn(authorization: string): string | undefined {
  const [, scheme = '', given = ''] = /^(Basic|Token) +(\S+)$/i.exec(authorization) ?? []
  if (scheme.toLowerCase() !== 'basic') return given === '' ? undefined : given
  const decoded = Buffer.from(given, 'base64').toString('utf8')
  const password = decoded.slice(decoded.indexOf(':') + 1)
  return /^[\x21-\x7e]+$/.test(password) ? password : undefined
}

/** Not a copy, whose body would be read by somebody else. */
function withHeadersOf(request: Request, headers: Headers): Request {
  return new Proxy(request, {
    get: (target, key) => (key === 'headers' ? headers : Reflect.get(target, key, target)),
  })
}
