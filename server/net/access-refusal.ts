// Which answers are Cloudflare Access's own, and not those of the application behind it. What it says of itself is not
// documented in one place: this is what its own client, cloudflared, looks for (its package `token`), and the challenges
// of Managed OAuth.

/** Where Access sends browsers to sign in, on the team's domain or on the application's own host. */
const LOGIN = /^\/cdn-cgi\/access\/(?:login|cli|sso|callback)(?:\/|$)/
const CHALLENGE = /^\s*cloudflare-access\b|\/\.well-known\/cloudflare-access-protected-resource\b/i

/** Whether a redirect leads to Access's login page. `location` is as the answer wrote it. */
export function isAccessLogin(location: string, base: URL): boolean {
  const url = URL.parse(location, base)
  return url !== null && LOGIN.test(url.pathname)
}

/**
 * What Access answers programs with where it is set to: its login page is for people, and would arrive as if it were
 * what was asked for.
 */
export function accessRefusal({ headers }: Response): Response {
  const challenge = headers.get('www-authenticate') ?? ''
  const answer = {
    'content-type': 'text/plain',
    'www-authenticate': CHALLENGE.test(challenge) ? challenge : 'Cloudflare-Access',
  }
  return new Response('Cloudflare Access asks for a login.', { status: 401, headers: answer })
}

/** Whether it was Access that refused a request, by the status and the headers of the answer. */
export function isAccessRefusal({ status, headers }: { status: number; headers: Headers }): boolean {
  if (status !== 401 && status !== 403) return false
  const challenge = headers.get('www-authenticate') ?? ''
  return CHALLENGE.test(challenge) || headers.has('cf-access-aud') || headers.has('cf-access-domain')
}
