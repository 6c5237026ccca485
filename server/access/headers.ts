// The headers of every answer. Static files get theirs from public/_headers.

export interface HeaderOptions {
  /** Of the inline scripts and styles in this answer. */
  nonce: string
  /** Where Access may send a form whose session has ended. */
  loginOrigin?: string
}

export function securityHeaders({ nonce, loginOrigin }: HeaderOptions): Record<string, string> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self' 'nonce-${nonce}'`,
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data:`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `form-action 'self'${loginOrigin === undefined ? '' : ` ${loginOrigin}`}`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ]
  return {
    'content-security-policy': policy.join('; '),
    'strict-transport-security': 'max-age=31536000',
    'x-content-type-options': 'nosniff',
    // Not `no-referrer`: with it browsers send `Origin: null` from our own forms.
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  }
}

/** A copy of `response` with these headers, not to be stored anywhere unless it says otherwise itself. */
export function withHeaders(response: Response, headers: Record<string, string>): Response {
  const copy = new Response(response.body, response)
  for (const [name, value] of Object.entries(headers)) copy.headers.set(name, value)
  if (!copy.headers.has('cache-control')) copy.headers.set('cache-control', 'no-store, private')
  return copy
}

export function newNonce(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
}
