// People of tests, as the door would let them in.
import type { Principal } from '../access/principal.ts'

export function person(email: string, isAdmin = false): Extract<Principal, { kind: 'person' }> {
  return { kind: 'person', id: `person:${email}`, email, subject: email, groups: [], isAdmin }
}
