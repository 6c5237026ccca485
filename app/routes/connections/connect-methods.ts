import type { AuthMethod } from '../../../drizzle/shapes.ts'
import { storedMethod } from '../../../server/connections/method.ts'
import { publicMethod } from '../../../server/tools/import-fields.ts'

/**
 * The methods to choose from, as they would be stored. An integration whose document asks for nothing offers just that.
 */
export function connectMethods(authMethods: AuthMethod[]): AuthMethod[] {
  const free = publicMethod(authMethods)
  return (free === null ? authMethods : [free]).map(storedMethod)
}
