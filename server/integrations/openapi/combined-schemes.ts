// The schemes that one alternative asks for together, as one way to sign in.
import type { Placement } from '../../../drizzle/shapes.ts'
import { shorten } from '../json-value.ts'
import { mergeOAuth } from './oauth-flows.ts'
import type { SignIn } from './security-scheme.ts'

interface Part {
  name: string
  signIn: SignIn
}

const MAX_PLACEMENTS = 8
const MAX_LABEL = 200
const MAX_DESCRIPTION = 600

export type Combined = { ok: true; signIn: SignIn } | { ok: false; reason: string }

export function combine(wanted: readonly Part[]): Combined {
  const parts: Part[] = []
  for (const part of wanted) {
    const rival = parts.find(({ signIn }) => sharedTarget(signIn, part.signIn) !== undefined)
    if (!rival) parts.push({ ...part })
    // Documents with a scheme for each grant ask for both together, and mean one token.
    else if (isSameCredential(rival.signIn, part.signIn)) rival.signIn = merge(rival.signIn, part.signIn)
    else {
      const target = sharedTarget(rival.signIn, part.signIn) ?? ''
      return {
        ok: false,
        reason: `“${rival.name}” and “${part.name}” both fill the ${target}, which holds one of them.`,
      }
    }
  }
  if (parts.flatMap(({ signIn }) => signIn.placements).length > MAX_PLACEMENTS) {
    return { ok: false, reason: `More than ${MAX_PLACEMENTS} credentials are not sent together.` }
  }
  const [only, ...others] = parts
  return { ok: true, signIn: only && others.length === 0 ? only.signIn : joined(parts) }
}

export function isSameCredential(one: SignIn, other: SignIn): boolean {
  return JSON.stringify(one.placements) === JSON.stringify(other.placements)
}

/** Two that place the same credential; what is told of the first is told. */
export function merge(one: SignIn, other: SignIn): SignIn {
  if (!other.oauth) return one
  return { ...one, oauth: one.oauth ? mergeOAuth(one.oauth, other.oauth) : other.oauth }
}

/** Letters, digits and _, beginning with a letter. */
export function identifier(name: string): string {
  const safe = name
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 40)
  return /^[A-Za-z]/.test(safe) ? safe : `scheme${safe ? `_${safe}` : ''}`
}

/** `name`, or with a number behind it when that is taken; what is answered is taken from then on. */
export function claim(name: string, taken: Set<string>): string {
  let free = name
  for (let number = 2; taken.has(free); number++) free = `${name}${number}`
  taken.add(free)
  return free
}

function joined(parts: readonly Part[]): SignIn {
  const all: SignIn = { label: '', fields: [], placements: [] }
  const taken = new Set<string>()
  for (const { name, signIn } of parts) {
    // Two keys of one way need names of their own.
    const names = new Map(signIn.fields.map((field) => [field.name, claim(`${identifier(name)}_${field.name}`, taken)]))
    const rename = (field: string) => names.get(field) ?? field
    for (const field of signIn.fields) {
      all.fields.push({ ...field, name: rename(field.name), label: `${field.label} (${shorten(name, 60)})` })
    }
    all.placements.push(...signIn.placements.map((placement) => renamed(placement, rename)))
    if (signIn.oauth) all.oauth = { ...signIn.oauth, field: rename(signIn.oauth.field) }
  }
  all.label = shorten(parts.map(({ signIn }) => signIn.label).join(' + '), MAX_LABEL)
  const description = shorten(parts.map(({ signIn }) => signIn.description ?? '').join(' '), MAX_DESCRIPTION)
  return description === '' ? all : { ...all, description }
}

function renamed(placement: Placement, rename: (field: string) => string): Placement {
  const inTemplate = (template: string) => template.replaceAll(/\{(\w+)\}/g, (_, field: string) => `{${rename(field)}}`)
  if (placement.in !== 'basic') return { ...placement, template: inTemplate(placement.template) }
  const { userTemplate, passwordTemplate } = placement
  return { in: 'basic', userTemplate: inTemplate(userTemplate), passwordTemplate: inTemplate(passwordTemplate) }
}

/** A place in the request that both fill; undefined when they do not meet. */
function sharedTarget(one: SignIn, other: SignIn): string | undefined {
  const targets = new Set(one.placements.map(targetOf))
  return other.placements.map(targetOf).find((target) => targets.has(target))
}

function targetOf(placement: Placement): string {
  if (placement.in === 'basic') return 'header authorization'
  return `${placement.in} ${placement.in === 'header' ? placement.name.toLowerCase() : placement.name}`
}
