interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

/** What scripts of a page see of its address and its cookies. */
export class CookiePage {
  readonly #url: URL
  #cookies: Cookie[] = []
  /** Makes `document.cookie` throw, as in a sandboxed frame. */
  isForbidden = false

  constructor(url: string) {
    this.#url = new URL(url)
  }

  /** Sets a cookie as the server does. */
  set(name: string, value: string, path = '/'): void {
    this.#cookies = [...this.#cookies.filter((one) => one.name !== name || one.path !== path), { name, value, path }]
  }

  /** All cookies, with their paths. */
  get all(): string[] {
    return this.#cookies.map(({ name, value, path }) => `${name}=${value} ${path}`)
  }

  /** Puts the page in the place of the platform's globals. @returns a function that removes it. */
  install(): () => void {
    const page = this
    const document = {
      baseURI: this.#url.href,
      get cookie() {
        if (page.isForbidden) throw new Error('SecurityError')
        return page.#cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      },
      set cookie(text: string) {
        page.#write(text)
      },
    }
    const globals = { document, location: this.#url, origin: this.#url.origin }
    Object.assign(globalThis, globals)
    return () => {
      for (const name of Object.keys(globals)) Reflect.deleteProperty(globalThis, name)
    }
  }

  #write(text: string): void {
    if (this.isForbidden) throw new Error('SecurityError')
    const [pair = '', ...attributes] = text.split('; ')
    const [name = '', value = ''] = pair.split('=')
    const path = attributes.find((one) => one.startsWith('Path='))?.slice('Path='.length) || '/'
    // Browsers ignore a prefixed cookie without Secure.
    if (name.startsWith('__') && !attributes.includes('Secure')) return
    this.set(name, value, path)
    if (attributes.includes('Max-Age=0')) this.#cookies.pop()
  }
}
