import { decodeJwt } from 'jose'

/** Somebody whose own request is being answered. Held in memory for as long as that takes, and stored nowhere. */
export interface ForwardedPerson {
  /** Of the principal. */
  id: string
  /** The Access assertion that came with the request, verified at the door. */
  assertion: string
}

/** Whether Access would still take the assertion for one. `now` is in milliseconds. */
export function isInForce({ assertion }: ForwardedPerson, now: number): boolean {
  try {
    const { exp } = decodeJwt(assertion)
    return exp !== undefined && exp * 1000 > now
  } catch {
    return false
  }
}
