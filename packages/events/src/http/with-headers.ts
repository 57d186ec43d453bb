/**
 * Sets these headers of a response, and returns it.
 * @example return withHeaders(new Response('ok'), { vary: 'Origin' })
 */
export function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value)
  return response
}
