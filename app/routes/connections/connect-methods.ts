import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { publicMethod } from '../../../server/tools/import-fields.ts'

/** The methods to choose from. An integration whose document asks for nothing offers just that. */
export function connectMethods(authMethods: AuthMethod[]): AuthMethod[] {
  const free = publicMethod(authMethods)
  return free === null ? authMethods : [free]
}
