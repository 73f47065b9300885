/** Schemes of web pages, and of sockets: some list a socket's URL, but a page that opens a socket has an http(s) origin. */
const web = /^(?:http|ws)(s?):/i
/** Scheme, host and port of any other URL, such as that of a native shell or an extension. */
const shell = /^([a-z][a-z\d+.-]*:\/\/(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?)(?:[/?#]|$)/i

/**
 * What is wrong with an entry of CORS_ORIGINS; null when it is an origin exactly as browsers send it. Besides `https:` and
 * `http:`, any scheme of a native shell or an extension is allowed.
 * @see RFC 6454 §6.2, PROTOCOL.md S17
 */
export function originProblem(entry: string): string | null {
  if (/^(null$|file:)/i.test(entry)) {
    return `must not contain "${entry}": sandboxed pages of any site and local files have this origin. Let the native shell serve its pages from its own scheme, such as app://. or capacitor://localhost`
  }
  if (entry.includes('*')) return `must list every origin in full; "${entry}" contains a wildcard`
  const origin = originOf(entry)
  if (origin === entry) return null
  const problem = origin === null ? `"${entry}" is not one` : `instead of "${entry}", write "${origin}"`
  return `must list origins such as https://app.example.com or capacitor://localhost; ${problem}`
}

/** The origin that a browser sends for a page at this URL; null when it is not the URL of a page. */
function originOf(url: string): string | null {
  if (!web.test(url)) return shell.exec(url)?.[1]?.toLowerCase() ?? null
  const page = url.replace(web, 'http$1:')
  return URL.canParse(page) ? new URL(page).origin : null
}
