// The methods of an integration that people can sign in by, as choices of the form that connects it. Pure.
import type { AuthMethod, OAuth, OAuthFlow } from '../../../drizzle/shapes.ts'
import { SIGN_IN } from './connect-names.ts'

export interface SignInChoice {
  /** Of the form's `method`. */
  value: string
  label: string
  hint: string
  grant: OAuthFlow['grant']
  /** The method's id. */
  method: string
}

const ORDER = ['authorization_code', 'device_code', 'client_credentials'] as const

/** Admins also connect as an application. `title` is the integration's. */
export function signInChoices(methods: readonly AuthMethod[], title: string, isAdmin: boolean): SignInChoice[] {
  const signIns = methods.filter(canSignIn)
  const found = signIns.flatMap((method): SignInChoice[] => {
    const of = signIns.length > 1 ? ` (${method.label})` : ''
    const choices = grantsOf(method.oauth).map((grant) => ({
      value: `${SIGN_IN}${grant}.${method.id}`,
      ...wordsOf(grant, { title, of, host: hostOf(method.oauth) }),
      grant,
      method: method.id,
    }))
    return choices.filter(({ grant }) => isAdmin || grant !== 'client_credentials')
  })
  return ORDER.flatMap((grant) => found.filter((choice) => choice.grant === grant))
}

/** Undefined where the value is no sign-in that is offered. */
export function findSignIn(
  methods: readonly AuthMethod[],
  value: string,
): { method: AuthMethod; grant: OAuthFlow['grant'] } | undefined {
  for (const method of methods.filter(canSignIn)) {
    const grant = grantsOf(method.oauth).find((one) => value === `${SIGN_IN}${one}.${method.id}`)
    if (grant !== undefined) return { method, grant }
  }
  return undefined
}

/** What a sign-in gets is one token: where a method needs more beside it, that has to be typed. */
export function canSignIn(method: AuthMethod): method is AuthMethod & { oauth: OAuth } {
  const { oauth, fields } = method
  if (oauth === undefined || grantsOf(oauth).length === 0) return false
  return fields.every(({ name, isOptional }) => name === oauth.field || isOptional)
}

function grantsOf({ flows, ...oauth }: OAuth): OAuthFlow['grant'][] {
  const described = ORDER.filter((grant) => flows.some((flow) => flow.grant === grant))
  if (described.length > 0) return described
  const isDiscovered = oauth.resourceUrl ?? oauth.issuer ?? oauth.openIdConnectUrl ?? oauth.metadataUrl
  return isDiscovered === undefined ? [] : ['authorization_code']
}

function wordsOf(
  grant: OAuthFlow['grant'],
  { title, of, host }: { title: string; of: string; host: string | null },
): Pick<SignInChoice, 'label' | 'hint'> {
  switch (grant) {
    case 'authorization_code':
      return {
        label: `Sign in with ${title}${of}`,
        hint: `You are taken to ${host ?? 'its sign-in page'} and come back connected.`,
      }
    case 'device_code':
      return {
        label: `Sign in with ${title} on another device${of}`,
        hint: 'With a short code, where this browser cannot sign you in.',
      }
    default:
      return {
        label: `As an application${of}`,
        hint: 'With a client ID and a secret of its own, and nobody signed in (client credentials).',
      }
  }
}

function hostOf({ flows, resourceUrl, issuer, openIdConnectUrl, metadataUrl }: OAuth): string | null {
  const authorizationUrl = flows.find(({ grant }) => grant === 'authorization_code')?.authorizationUrl
  // A protected resource says elsewhere where people sign in.
  const known = authorizationUrl ?? issuer ?? openIdConnectUrl ?? metadataUrl
  return known === undefined || resourceUrl !== undefined ? null : (URL.parse(known)?.host ?? null)
}
