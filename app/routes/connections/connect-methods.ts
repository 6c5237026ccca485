import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { builtInMethods } from '../../../server/connections/built-in-methods.ts'
import { storedMethod } from '../../../server/connections/method.ts'
import { publicMethod } from '../../../server/tools/import-fields.ts'
import { firstChoice } from './connect-form.ts'
import { signInChoices, type SignInChoice } from './sign-in-choices.ts'

/**
 * The methods to choose from, as they would be stored. An integration whose document asks for nothing offers just that.
 */
export function connectMethods(authMethods: AuthMethod[]): AuthMethod[] {
  const free = publicMethod(authMethods)
  return (free === null ? authMethods : [free]).map(storedMethod)
}

/** What the form that connects an integration offers. */
export interface ConnectOffer {
  signIns: SignInChoice[]
  /** The integration's own. */
  methods: AuthMethod[]
  /** What no document describes: for admins. */
  others: AuthMethod[]
  /** The first choice. */
  method: string
}

/** The integration's sign-ins first, since nobody has to make and copy a token for those. */
export function connectOffer(
  { authMethods, title }: { authMethods: AuthMethod[]; title: string },
  isAdmin: boolean,
): ConnectOffer {
  const methods = connectMethods(authMethods)
  const signIns = signInChoices(authMethods, title, isAdmin)
  const signIn = signIns.find(({ grant }) => grant !== 'client_credentials')
  return { signIns, methods, others: isAdmin ? builtInMethods() : [], method: signIn?.value ?? firstChoice(methods) }
}
