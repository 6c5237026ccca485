// How to sign in where a document describes no way to: read from the parameters that its operations share and from what
// its description says. Every method that comes of it says that it is a guess, and why.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { own, ownText } from '../json-value.ts'
import { claim, combine, identifier } from './combined-schemes.ts'
import type { DocumentIndex, Place } from './document-index.ts'
import type { Places } from './packed-places.ts'
import { readPart } from './readable-part.ts'
import { resolveReference } from './references.ts'
import { basicSignIn, keySignIn, problemOfKey, type SignIn, tokenSignIn } from './security-scheme.ts'

/** Looked at, spread evenly over the document. */
const SAMPLE = 200
/** Of the operations looked at: a credential is asked for nearly everywhere. */
const SHARE = 0.5
const MAX_GUESSES = 4
const DESCRIPTION_READ = 20_000

/** Names without case and separators. */
const STRONG =
  /^x?(.*(api|app|application|access|auth|authorization|account|server|user|subscription|secret|client|consumer|dev|developer|session|service))?(key|token|secret)$|authorization$/
const WEAK = /^(x?(auth)?(key|token|secret)|auth)$/
const NO_CREDENTIAL =
  /idempot|csrf|xsrf|page|continuation|next|previous|sync|refresh|cursor|device|upload|reset|verif|captcha|sort|lock|resume|push|public|foreign|partition|row|object|cache/
/** What the description of a parameter says that has a name like `key`, which may also be that of an entry. */
const IS_CREDENTIAL =
  /\bapi\b|auth|access|licen[cs]e|credential|secret|subscri|your (key|token)|sign(ed)?[ -]in|log(ged)?[ -]in/i

/** `Authorization: Bearer …`, in a sentence or in an example. */
const AUTHORIZATION = /\bauthorization["'`*_\s]{0,4}[:=][\s"'`*_]{0,4}(bearer|token|basic|api-?key)\b/i
/** `X-Api-Key`, and names in quotes beside the word header. */
const HEADER =
  /\b(x-(?:[a-z0-9]{1,20}-){0,4}(?:key|token|secret))\b|["'`*]([\w-]{2,40})["'`*]{1,3} (?:in (?:the |a )?)?(?:http |request )?header|\bheader\b[^.\n]{0,30} ["'`*]{1,3}([\w-]{2,40})["'`*]/gi
const QUERY = /[?&](api[_-]?key|access_token|auth_token)=/i

interface Guess {
  name: string
  signIn: SignIn
}

interface Candidate {
  where: 'header' | 'query' | 'cookie'
  name: string
  isRequired: boolean
}

/** `isEverywhere`: no operation that was looked at is without it. */
export type SharedCredential = Candidate & { isEverywhere: boolean }

/** What the document names, then no credential; where it names nothing, a bearer token beside none, as most APIs take one. */
export function guessMethods(index: DocumentIndex, operations: Places): AuthMethod[] {
  const inParameters = guessFromParameters(index, operations)
  const guesses = inParameters.length > 0 ? inParameters : guessFromWords(descriptionOf(index))
  const none: AuthMethod = { id: 'none', label: 'No credential', fields: [], placements: [] }
  if (guesses.length === 0) return [none, bearerGuess(guessed('most APIs take a bearer token'))]
  const taken = new Set([none.id])
  return [
    ...guesses.slice(0, MAX_GUESSES).map(({ name, signIn }) => ({ id: claim(identifier(name), taken), ...signIn })),
    none,
  ]
}

function descriptionOf(index: DocumentIndex): string {
  return readPart(
    () => ownText(index.get(['info']), 'description'),
    () => '',
  )
}

/** What is offered when nothing better is known. */
export function bearerGuess(description: string): AuthMethod {
  return { id: 'bearer', ...tokenSignIn('Bearer', description) }
}

/** What is required is sent together. */
function guessFromParameters(index: DocumentIndex, operations: Places): Guess[] {
  const shared = sharedCredentials(index, operations)
  const required = shared.filter(({ isRequired }) => isRequired).slice(0, MAX_GUESSES)
  const optional = shared.filter(({ isRequired }) => !isRequired)
  return [required, ...optional.map((one) => [one])].flatMap(guessOf)
}

/** Parameters with a credential's name that most operations have. */
export function sharedCredentials(index: DocumentIndex, operations: Places): SharedCredential[] {
  const step = Math.max(1, operations.length / SAMPLE)
  const sample: Place[] = []
  let at = 0
  for (const place of operations) {
    if (Math.floor(at / step) !== Math.floor((at - 1) / step)) sample.push(place)
    at++
  }
  const counts = new Map<string, Candidate & { count: number }>()
  for (const place of sample) {
    const candidates = readPart(
      () => candidatesAt(index, place),
      () => new Map<string, Candidate>(),
    )
    for (const [key, one] of candidates) counts.set(key, { ...one, count: (counts.get(key)?.count ?? 0) + 1 })
  }
  return [...counts.values()]
    .filter(({ count }) => count >= sample.length * SHARE)
    .sort((a, b) => b.count - a.count)
    .map(({ count, ...one }) => ({ ...one, isEverywhere: count === sample.length }))
}

function guessOf(together: readonly SharedCredential[]): Guess[] {
  const combined = combine(together.map(({ where, name }) => ({ name, signIn: keySignIn(where, name, '') })))
  if (together.length === 0 || !combined.ok) return []
  const share = together.every(({ isEverywhere }) => isEverywhere) ? 'all' : 'most'
  const what = together.map(({ where, name }) => `the ${where === 'query' ? 'query parameter' : where} ${name}`)
  const description = guessed(`${share} of its operations have ${what.join(' and ')}`)
  return [{ name: together.map(({ name }) => name).join('_'), signIn: { ...combined.signIn, description } }]
}

/** By place and name, in an operation and in the path item that it belongs to. */
function candidatesAt(index: DocumentIndex, operation: Place): Map<string, Candidate> {
  const found = new Map<string, Candidate>()
  for (const holder of [operation.slice(0, -1), operation]) {
    const list = index.get([...holder, 'parameters'])
    for (const entry of Array.isArray(list) ? list : []) {
      const resolved = resolveReference(index, entry)
      const parameter = resolved.ok ? resolved.value : undefined
      const [where, name] = [ownText(parameter, 'in'), ownText(parameter, 'name')]
      if (where !== 'header' && where !== 'query' && where !== 'cookie') continue
      if (problemOfKey(where, name) !== null || !isCredential(name, ownText(parameter, 'description'))) continue
      found.set(`${where} ${name.toLowerCase()}`, { where, name, isRequired: own(parameter, 'required') === true })
    }
  }
  return found
}

function isCredential(name: string, description: string): boolean {
  const plain = plainName(name)
  if (NO_CREDENTIAL.test(plain)) return false
  return WEAK.test(plain) ? IS_CREDENTIAL.test(description) : STRONG.test(plain)
}

/** The first thing that the description says outright. */
function guessFromWords(description: string): Guess[] {
  const text = description.slice(0, DESCRIPTION_READ)
  const because = guessed('its description reads like this')
  const scheme = AUTHORIZATION.exec(text)?.[1] ?? ''
  if (/^basic$/i.test(scheme)) return [{ name: 'basic', signIn: basicSignIn(because) }]
  if (scheme !== '') {
    const name = /^bearer$/i.test(scheme) ? 'Bearer' : scheme
    return [{ name: name.toLowerCase(), signIn: tokenSignIn(name, because) }]
  }
  const named = [...text.matchAll(HEADER)].map(([, ...names]) => names.find(Boolean) ?? '')
  const header = named.find((name) => problemOfKey('header', name) === null && isNamedAsOne(name))
  if (header !== undefined) return [{ name: header, signIn: keySignIn('header', header, because) }]
  const query = QUERY.exec(text)?.[1]
  if (query !== undefined) return [{ name: query, signIn: keySignIn('query', query, because) }]
  if (/\bbearer (token|auth)/i.test(text)) return [{ name: 'bearer', signIn: tokenSignIn('Bearer', because) }]
  return /\bbasic auth/i.test(text) ? [{ name: 'basic', signIn: basicSignIn(because) }] : []
}

/** The word header stands beside it: more than the end of its name is not needed. */
function isNamedAsOne(name: string): boolean {
  const plain = plainName(name)
  return /(key|token|secret)$/.test(plain) && !NO_CREDENTIAL.test(plain)
}

function plainName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

function guessed(because: string): string {
  return `A guess: the document does not say how to sign in, and ${because}.`
}
