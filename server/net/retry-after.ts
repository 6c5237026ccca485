// When an upstream says that a request may be sent again.

/** Seconds from now, of `Retry-After` in either form (RFC 9110, 10.2.3); null when it does not say. `now` in epoch ms. */
export function retryAfterSeconds(headers: Headers, now: number): number | null {
  const value = headers.get('retry-after')?.trim() ?? ''
  const seconds = /^(\d{1,9}(?:\.\d+)?)(?:,|$)/.exec(value)?.[1]
  if (seconds !== undefined) return Math.ceil(Number(seconds))
  if (!/^[a-z]{3,9}\b|^\d{4}-\d\d-/i.test(value)) return null
  // A date is meant by the upstream's clock, and its own `Date` shows how that stands.
  const sentAt = Date.parse(headers.get('date') ?? '')
  const wait = Math.ceil((Date.parse(value) - (Number.isNaN(sentAt) ? now : sentAt)) / 1000)
  return Number.isNaN(wait) ? null : Math.max(0, wait)
}

const RESETS = ['x-ratelimit-reset-after', 'ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset']

/** Seconds until a spent limit begins anew, as the usual headers tell it: in seconds, or as a time in epoch s or ms. */
export function limitResetSeconds(headers: Headers, now: number): number | null {
  const value = RESETS.map((name) => headers.get(name)?.trim()).find((text) => /^\d{1,13}(\.\d+)?$/.test(text ?? ''))
  if (value === undefined) return null
  const number = Number(value)
  if (number < 1e8) return Math.ceil(number)
  return Math.max(0, Math.ceil((number > 1e11 ? number - now : number * 1000 - now) / 1000))
}
