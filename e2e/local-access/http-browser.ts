// As much of a browser as forms without script need: cookies, redirects, an honest Origin. For scripts and tests
// that walk the console or a login without starting a real one.

export interface Page {
  /** Where the redirects ended; an address of another origin is not opened. */
  url: URL
  /** 0 for an address that was not opened. */
  status: number
  html: string
}

type Fields = Record<string, string> | URLSearchParams | FormData

export interface HttpBrowser {
  open(address: string): Promise<Page>
  /** Form data is sent as multipart, other fields URL-encoded. */
  submit(address: string, fields: Fields): Promise<Page>
}

export function createHttpBrowser(origin: string): HttpBrowser {
  const cookies = new Map<string, { value: string; path: string }>()

  function keepCookies(response: Response): void {
    for (const header of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = header.split(';').map((part) => part.trim())
      const name = pair.slice(0, pair.indexOf('='))
      const value = pair.slice(name.length + 1)
      const path = attributes.find((attribute) => /^path=/i.test(attribute))?.slice(5) ?? '/'
      const isGone = value === '' || attributes.some((attribute) => /^max-age=0$/i.test(attribute))
      if (isGone) cookies.delete(name)
      else cookies.set(name, { value, path })
    }
  }

  function cookieHeader(pathname: string): string {
    const sent = [...cookies].filter(([, { path }]) => pathname.startsWith(path))
    return sent.map(([name, { value }]) => `${name}=${value}`).join('; ')
  }

  async function load(address: string, fields?: Fields): Promise<Page> {
    let url = new URL(address, origin)
    let body = fields instanceof FormData ? fields : fields && new URLSearchParams(fields)
    for (let hop = 0; hop < 20; hop += 1) {
      if (url.origin !== origin) return { url, status: 0, html: '' }
      const headers: Record<string, string> = { accept: 'text/html', cookie: cookieHeader(url.pathname) }
      if (body) Object.assign(headers, { origin, 'sec-fetch-site': 'same-origin' })
      const init: RequestInit = { method: body ? 'POST' : 'GET', headers, redirect: 'manual', ...(body && { body }) }
      const response = await fetch(url, init)
      keepCookies(response)
      const location = response.headers.get('location')
      const html = await response.text()
      if (location === null || response.status < 300) return { url, status: response.status, html }
      url = new URL(location, url)
      if (response.status < 307) body = undefined
    }
    throw new Error(`Too many redirects on the way from ${address}; the last one led to ${url.href}.`)
  }

  return { open: (address) => load(address), submit: (address, fields) => load(address, fields) }
}

/** Signs in at the local Access, the way its login form does. */
export async function signIn(browser: HttpBrowser, email: string, redirectUrl = '/'): Promise<Page> {
  return browser.submit('/cdn-cgi/access/login', { email, redirect_url: redirectUrl })
}
