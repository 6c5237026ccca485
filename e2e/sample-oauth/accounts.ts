// Who has an account: two of the company's people.
import type { Person } from '../sample-api/people.ts'
import { createSeed } from '../sample-api/seed.ts'

export type Account = Pick<Person, 'id' | 'name' | 'email' | 'title'>

const [first, second] = createSeed().people
if (!first || !second) throw new Error('The company has no people.')

/** Ada Lindqvist, who leads a team. */
export const OAUTH_LEAD: Account = first
/** Bilal Castillo, who leads another. */
export const OAUTH_COLLEAGUE: Account = second
export const ACCOUNTS: readonly Account[] = [OAUTH_LEAD, OAUTH_COLLEAGUE]
