// The applications of the local Access beside Executor, and the ids that one is linked to another by.

/** `app_uid` of Executor, in a rule `linked_app_token`. */
export const EXECUTOR_APP = 'local-executor'

/** Executor as an Access for SaaS application: an OpenID Connect client of the team. */
export const SAAS_APP = 'local-executor-oidc'
export const SAAS_CLIENT_ID = 'local-executor-oidc-client'
export const SAAS_CLIENT_SECRET = 'local-oidc-secret'

/** The sample company's application for its own people. */
export const PEOPLE_APP = 'local-people'
export const PEOPLE_AUDIENCE = 'local-people-aud'
/** Its document: Access has a second, path-scoped application with Bypass for it. */
export const PEOPLE_PUBLIC_PATHS = ['/openapi.json']

/** The one path of Executor that is for everybody, by the same means. */
export const CLIENT_METADATA_PATH = '/oauth/client-metadata.json'

/** By number, as cookies do not know ports: a sign-in there must not take the place of the one at `localhost`. */
export function otherOrigin(port: number): string {
  return `http://127.0.0.1:${port}`
}
