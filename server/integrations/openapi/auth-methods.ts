// Security schemes and requirements as the ways to connect that an admin chooses from: each alternative of a
// requirement (OR) is a method, and the schemes that one alternative names together (AND) are its fields.
import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { shorten } from '../json-value.ts'
import { claim, combine, identifier, isSameCredential, merge } from './combined-schemes.ts'
import type { Dialect } from './dialect.ts'
import { pointerOf, type DocumentIndex, type Place } from './document-index.ts'
import { bearerGuess, guessMethods, sharedCredentials } from './guessed-methods.ts'
import { fitOAuth, withAskedScopes } from './oauth-flows.ts'
import type { Places } from './packed-places.ts'
import { readPart } from './readable-part.ts'
import { type Resolved, resolveReference } from './references.ts'
import {
  type Alternative,
  alternativesOf,
  asksForNothing,
  type PlacedAlternative,
  requirementsOf,
} from './security-requirements.ts'
import { readScheme, type Scheme, type SignIn } from './security-scheme.ts'

const MAX_SCHEMES = 100
const MAX_METHODS = 12
const MAX_NAMES = 8
/** Of all methods as JSON: they are read with every look at their integration. */
const MAX_BYTES = 60_000
/** Where schemes belong, by version, and where they are found all the same. */
const SECTIONS: Place[] = [
  ['securityDefinitions'],
  ['components', 'securitySchemes'],
  ['securitySchemes'],
  ['components', 'securityDefinitions'],
]

const NONE_USABLE = 'A guess: none of the ways to sign in that the document describes can be used.'

type Report = (place: string, reason: string) => void

export interface AuthReading {
  methods: AuthMethod[]
  /** `header X-Api-Key`, lower case: parameters that a credential fills in and a caller must not. */
  credentialParameters: Set<string>
  /**
   * What the value of an operation's `security` comes to: the ids of the methods that it accepts, none of them when it
   * takes no credential. Undefined where any method will do, or nothing is said.
   */
  accepted: (security: unknown) => string[] | undefined
}

/** `base` is what relative addresses of an OAuth server follow: where the API is, or else the document. */
export function readAuth(
  index: DocumentIndex,
  dialect: Dialect,
  operations: Places,
  report: Report,
  base?: string,
): AuthReading {
  const sections = dialect === '2' ? SECTIONS : [...SECTIONS.slice(1), ...SECTIONS.slice(0, 1)]
  const section = sections.find((place) => index.keys(place).length > 0)
  if (section === undefined) {
    const methods = guessMethods(index, operations)
    return { methods, credentialParameters: parametersOf(methods), accepted: () => undefined }
  }
  const requirements = requirementsOf(index, operations, report)
  const isUnused = asksForNothing(requirements)
  const schemes = new Schemes(index, section, report, base)
  // Many documents describe schemes and forget to ask for them.
  const wanted = isUnused
    ? [...requirements, ...schemes.names.map((name) => placedAlternative(name, pointerOf([...section, name])))]
    : requirements.toSorted((a, b) => Number(a.names.length === 0) - Number(b.names.length === 0))
  const { offered, idOf } = offer(wanted, schemes, report)
  schemes.reportUnasked(wanted)
  const methods = fit(offered, (reason) => report(pointerOf(section), reason))
  const withCredential = methods.filter(({ placements }) => placements.length > 0)
  const shared = readPart(
    () => alternativesOf(index.get(['security'])),
    () => null,
  )
  return {
    methods: withCredential.length > 0 ? methods : [bearerGuess(NONE_USABLE), noMethod()],
    credentialParameters: new Set([
      ...parametersOf(schemes.usable()),
      ...strays(index, operations, schemes.usable(), report),
    ]),
    accepted(security) {
      const asked = alternativesOf(security) ?? shared
      if (asked === null || isUnused) return undefined
      if (asksForNothing(asked)) return []
      if (asked.some(({ names }) => names.length === 0)) return undefined
      const ids = new Set(asked.flatMap(({ key }) => idOf.get(key) ?? []))
      return ids.size === 0 || withCredential.every(({ id }) => ids.has(id)) ? undefined : [...ids]
    },
  }
}

export function parameterKey(where: string, name: string): string {
  return `${where} ${where === 'header' ? name.toLowerCase() : name}`
}

/** The schemes of a document, those that nothing can be done with reported. */
class Schemes {
  readonly #index: DocumentIndex
  readonly #section: Place
  readonly #report: Report
  readonly #base: string | undefined
  readonly #read = new Map<string, Scheme | null>()

  constructor(index: DocumentIndex, section: Place, report: Report, base: string | undefined) {
    this.#index = index
    this.#section = section
    this.#report = report
    this.#base = base
    const names = index.keys(section)
    for (const name of names.slice(0, MAX_SCHEMES)) {
      const place = [...section, name]
      this.#read.set(
        name,
        this.#readAt(name, () => index.get(place), pointerOf(place)),
      )
    }
    if (names.length > MAX_SCHEMES) {
      report(pointerOf(section), `${names.length - MAX_SCHEMES} more security schemes were not read.`)
    }
  }

  get names(): string[] {
    return [...this.#read.keys()]
  }

  usable(): SignIn[] {
    return [...this.#read.values()].flatMap((scheme) => (scheme?.ok ? scheme.signIn : []))
  }

  /** Null when there is none of that name; since OpenAPI 3.2 the name may be a reference. `place` says who asks. */
  get(name: string, place: string): Scheme | null {
    const known = this.#read.get(name)
    if (known !== undefined) return known
    const found = name.includes('/') ? this.#readAt(name, () => ({ $ref: name }), place) : null
    if (found === null) this.#report(place, `There is no security scheme “${shorten(name, 100)}”.`)
    this.#read.set(name, found)
    return found
  }

  /** Says of every scheme that could be used, and that no alternative names, that it is not offered. */
  reportUnasked(alternatives: readonly Alternative[]): void {
    const asked = new Set(alternatives.flatMap(({ names }) => names))
    for (const [name, scheme] of this.#read) {
      if (!scheme?.ok || asked.has(name)) continue
      this.#report(pointerOf([...this.#section, name]), 'No operation asks for it, so it is not offered.')
    }
  }

  #readAt(name: string, value: () => unknown, place: string): Scheme {
    const resolved = readPart<Resolved>(
      () => resolveReference(this.#index, value()),
      (problem) => ({ ok: false, problem: `cannot be read: ${problem}` }),
    )
    const scheme = resolved.ok
      ? readScheme(name, resolved.value, this.#base, (part, reason) => this.#report(`${place}${part}`, reason))
      : ({ ok: false, reason: `The security scheme ${resolved.problem}.` } as const)
    if (!scheme.ok) this.#report(place, scheme.reason)
    return scheme
  }
}

/** A method for each alternative that can be one, and which it is; the same under two names is offered once. */
function offer(wanted: readonly PlacedAlternative[], schemes: Schemes, report: Report) {
  const offered: AuthMethod[] = []
  const idOf = new Map<string, string>()
  const taken = new Set([noMethod().id])
  let leftOut = 0
  for (const alternative of wanted) {
    const { key, names, place } = alternative
    const signIn = names.length > 0 ? signInOf(alternative, schemes, report) : noMethod()
    if (signIn === null) continue
    const same = offered.findIndex((one) => one.label === signIn.label && isSameCredential(one, signIn))
    const before = offered[same]
    if (before) {
      offered[same] = { ...merge(before, signIn), id: before.id }
      idOf.set(key, before.id)
    } else if (offered.length < MAX_METHODS) {
      const id = names.length > 0 ? claim(names.map(identifier).join('_').slice(0, 60), taken) : noMethod().id
      offered.push({ id, ...signIn })
      idOf.set(key, id)
    } else if (leftOut++ === 0) {
      report(place, `More than ${MAX_METHODS} ways to sign in are not offered; an admin can describe others.`)
    }
  }
  return { offered, idOf }
}

/** Null where a scheme cannot be used, or they cannot together. */
function signInOf({ names, scopes, place }: PlacedAlternative, schemes: Schemes, report: Report): SignIn | null {
  if (names.length > MAX_NAMES) {
    report(place, `More than ${MAX_NAMES} security schemes are not used together.`)
    return null
  }
  const parts: { name: string; signIn: SignIn }[] = []
  const refused: string[] = []
  for (const name of names) {
    const scheme = schemes.get(name, place)
    if (!scheme?.ok) {
      refused.push(name)
      continue
    }
    const { oauth, ...signIn } = scheme.signIn
    parts.push({ name, signIn: oauth ? { ...signIn, oauth: withAskedScopes(oauth, scopes.get(name) ?? []) } : signIn })
  }
  if (refused.length > 0) {
    if (parts.length > 0) report(place, `“${shorten(refused[0] ?? '', 60)}” is needed too, and cannot be used.`)
    return null
  }
  const combined = combine(parts)
  if (combined.ok) return combined.signIn
  report(place, combined.reason)
  return null
}

function fit(offered: AuthMethod[], report: (reason: string) => void): AuthMethod[] {
  // Two methods may tell of one flow.
  const methods = structuredClone(offered)
  const leftOut = fitOAuth(methods, MAX_BYTES)
  if (leftOut > 0) report(`${leftOut} OAuth scopes were left out: the document has more of them than are kept.`)
  return methods
}

function placedAlternative(name: string, place: string): PlacedAlternative {
  const [alternative] = alternativesOf(name) ?? []
  return { key: name, names: [name], scopes: new Map(), ...alternative, place }
}

/**
 * Parameters that look like credentials and that no scheme describes. A caller is not asked for them either: secrets do
 * not pass through agents.
 */
function strays(index: DocumentIndex, operations: Places, described: readonly SignIn[], report: Report) {
  const known = parametersOf(described)
  const found = sharedCredentials(index, operations).filter(({ where, name }) => !known.has(parameterKey(where, name)))
  for (const { where, name, isRequired } of found) {
    if (!isRequired || name.toLowerCase() === 'authorization') continue
    const what = `the ${where === 'query' ? 'query parameter' : where} ${name}`
    report(
      '#/paths',
      `Most operations require ${what}, and no security scheme describes it. It reads like a credential, so no caller is asked for it; an admin can add it to a connection.`,
    )
  }
  return found.map(({ where, name }) => parameterKey(where, name))
}

function noMethod(): AuthMethod {
  return { id: 'none', label: 'No credential', fields: [], placements: [] }
}

function parametersOf(signIns: readonly SignIn[]): Set<string> {
  return new Set(
    signIns
      .flatMap(({ placements }) => placements)
      .flatMap((placement) => (placement.in === 'basic' ? [] : parameterKey(placement.in, placement.name))),
  )
}
