// What Executor says of itself as an OAuth client to servers that ask at the address which is its client id
// (draft-ietf-oauth-client-id-metadata-document). Everybody may read it.

export const CLIENT_METADATA_PATH = '/oauth/client-metadata.json'

/** Where authorization servers send people back to. */
export function redirectUriOf(origin: string): string {
  return `${origin}/oauth/callback`
}

export function clientMetadata(origin: string) {
  return {
    client_id: `${origin}${CLIENT_METADATA_PATH}`,
    client_name: 'Executor',
    client_uri: origin,
    redirect_uris: [redirectUriOf(origin)],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: 'web',
  }
}
