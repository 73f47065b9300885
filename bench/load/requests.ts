/** The text of a POST request for a keep-alive connection. */
export function postRequest(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
  type = 'application/json',
): string {
  return request(
    'POST',
    url,
    { 'content-type': type, 'content-length': String(Buffer.byteLength(body)), ...headers },
    body,
  )
}

/** The text of a GET request for a keep-alive connection. */
export const getRequest = (url: string, headers: Readonly<Record<string, string>> = {}): string =>
  request('GET', url, headers, '')

function request(method: string, url: string, headers: Readonly<Record<string, string>>, body: string): string {
  const { host, pathname } = new URL(url)
  const lines = Object.entries({ host, accept: '*/*', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}
