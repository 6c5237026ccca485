// What the sample company's authorization server knows from the start. The secrets open nothing but this machine.

/** Set up by hand, as an admin does who brings an app of their own: a confidential client. */
export const OWN_APP_ID = 'northwind-own-app'
export const OWN_APP_SECRET = 'northwind-own-app-secret'

/** The API itself, when it asks whether a token holds (RFC 7662). */
export const API_CLIENT_ID = 'northwind-api'
export const API_CLIENT_SECRET = 'northwind-api-secret'

/** What a token may be good for, and what the consent page says of it. */
export const SCOPES = {
  read: 'Read people, teams, projects, tickets and invoices',
  write: 'Change people, teams, projects and tickets',
  'invoices.write': 'Draft, send, pay and void invoices',
}
export type Scope = keyof typeof SCOPES
export const ALL_SCOPES = Object.keys(SCOPES)
