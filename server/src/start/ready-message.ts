import type { DemoUser } from '../demo-users.ts'

export interface Ready {
  /** The address of the pages, without a slash at the end. */
  readonly url: string
  readonly hasPlayground: boolean
  readonly demoUsers: readonly DemoUser[]
  /** Why `/readyz` returns 503; null when it does not. */
  readonly whyNotReady: string | null
}

const NEW_PASSWORD = 'npm run admin -- reset-password demo@example.com'

/** What a reader needs to begin, as the last lines of the start. In a terminal, the addresses are links. */
export function readyBlock({ url, hasPlayground, demoUsers, whyNotReady }: Ready): string {
  const rows: [heading: string, text: string][] = [['App', url]]
  if (hasPlayground) rows.push(['Playground', `${url}/graphql`])
  demoUsers.forEach(({ email, password }, index) => {
    rows.push([index === 0 ? 'Sign in as' : '', password === null ? email : `${email} with the password ${password}`])
  })
  const title =
    whyNotReady === null ? 'Silent Refresh is ready' : `Silent Refresh is running, but ${notReady(whyNotReady)}`
  const lines = [title, '', ...rows.map(([heading, text]) => `  ${heading.padEnd(12)}${text}`)]
  if (demoUsers.length > 0) lines.push('', passwordHint(demoUsers))
  return `\n${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`
}

function passwordHint(demoUsers: readonly DemoUser[]): string {
  const isNew = demoUsers.some(({ password }) => password !== null)
  return isNew
    ? `The passwords are not shown again. To set a new one: ${NEW_PASSWORD}`
    : `To set a new password: ${NEW_PASSWORD}`
}

/** The same for programs and files, where each line says all by itself. The line with the address is the last. */
export function readyLines({ url, hasPlayground, demoUsers, whyNotReady }: Ready): string[] {
  const known = demoUsers.filter(({ password }) => password === null).map(({ email }) => email)
  return [
    ...demoUsers.flatMap((user) => (user.password === null ? [] : [createdLine(user)])),
    ...(known.length > 0 ? [`You can sign in as ${known.join(' or ')}. To set a new password: ${NEW_PASSWORD}`] : []),
    readyLine({ url, hasPlayground, whyNotReady }),
  ]
}

export function readyLine({ url, hasPlayground, whyNotReady }: Omit<Ready, 'demoUsers'>): string {
  const where = `at ${url} (${hasPlayground ? 'API and playground' : 'API'}: /graphql)`
  return whyNotReady === null
    ? `Silent Refresh is ready ${where}.`
    : `Silent Refresh is running ${where}, but ${notReady(whyNotReady)}`
}

const notReady = (why: string) => `not ready, and /readyz returns 503: ${why.replace(/\.?$/, '.')}`

export const createdLine = ({ email, role, password }: DemoUser): string =>
  `Created ${email} (${role}) with the password ${password}; it is not shown again.`

/** The address under which a browser on this machine reaches a server that listens on this host. */
export function localUrl(host: string, port: number): string {
  const isEverywhere = ['0.0.0.0', '::', '[::]', ''].includes(host)
  const isLoopback = /^(localhost|127\.0\.0\.1|::1|\[::1\])$/i.test(host)
  const name =
    isEverywhere || isLoopback ? 'localhost' : host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return `http://${name}:${port}`
}
