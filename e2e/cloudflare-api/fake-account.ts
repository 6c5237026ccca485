// One Cloudflare account as far as Executor's setup sees it. Plain state: tests read it, and put it into other forms.
import { createHash, randomUUID } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

export const ACCOUNT_ID = 'acc0000000000000000000000000000a'
/** The id that the first database made in the account gets, so that one build serves many tests. */
export const FIRST_DATABASE_ID = '5f0c1d2e-3a4b-4c5d-8e6f-000000000001'

/** `access` is all of Apps and Policies; the three behind it are parts of that. */
export type Permission =
  | 'account'
  | 'workers'
  | 'd1'
  | 'access'
  | 'access_read'
  | 'access_policies'
  | 'access_apps'
  | 'organization'
  | 'service_tokens'
export const ALL_PERMISSIONS: readonly Permission[] = [
  'account',
  'workers',
  'd1',
  'access',
  'organization',
  'service_tokens',
]

/** Whatever was sent, and what the API adds to it. */
export type Json = Record<string, unknown>

export interface FakeDatabase {
  uuid: string
  name: string
  sqlite: DatabaseSync
}

export interface Binding extends Json {
  name: string
  type: string
}

export interface UploadedFile {
  name: string
  type: string
  bytes: Uint8Array
}

export interface FakeWorker {
  name: string
  tag: string
  bindings: Binding[]
  compatibilityFlags: string[]
  compatibilityDate: string
  mainModule: string
  /** The modules of the version that is deployed. */
  modules: UploadedFile[]
  onWorkersDev: boolean
  hasPreviews: boolean
  crons: string[]
  deployments: number
}

export interface FakeAccount {
  id: string
  name: string
  /** Token → what it may do. */
  tokens: Map<string, ReadonlySet<Permission>>
  otherAccounts: { id: string; name: string }[]
  databases: FakeDatabase[]
  /** A version that is uploaded is not deployed yet. */
  versions: Map<string, FakeWorker>
  workers: FakeWorker[]
  /** Content hashes of static assets that were uploaded. */
  assets: Set<string>
  subdomain: string | undefined
  domains: { hostname: string; service: string }[]
  /** `auth_domain`; undefined while Zero Trust is off. */
  teamDomain: string | undefined
  /** False for an account whose API does not know destinations of type worker. */
  knowsWorkerDestinations: boolean
  /** False as documented: reusable policies and those of one application exclude each other within an application. */
  mixesPolicies: boolean
  /** Fields of applications that a PUT loses without a word. */
  lostFields: string[]
  /** The AUD tag of the next application. */
  nextAudience: string
  applications: Json[]
  policies: Json[]
  serviceTokens: Json[]
}

export function newAccount(
  tokens: Record<string, readonly Permission[]> = { 'good-token': ALL_PERMISSIONS },
): FakeAccount {
  return {
    id: ACCOUNT_ID,
    name: 'Acme',
    tokens: new Map(Object.entries(tokens).map(([token, permissions]) => [token, new Set(permissions)])),
    otherAccounts: [],
    databases: [],
    versions: new Map(),
    workers: [],
    assets: new Set(),
    subdomain: 'acme',
    domains: [],
    teamDomain: 'acme.cloudflareaccess.com',
    knowsWorkerDestinations: true,
    mixesPolicies: false,
    lostFields: [],
    nextAudience: hexTag('application'),
    applications: [],
    policies: [],
    serviceTokens: [],
  }
}

export function addDatabase(account: FakeAccount, name: string): FakeDatabase {
  const uuid = account.databases.length === 0 ? FIRST_DATABASE_ID : randomUUID()
  const database = { uuid, name, sqlite: new DatabaseSync(':memory:') }
  account.databases.push(database)
  return database
}

/** 64 hexadecimal digits, as AUD tags and Client Secrets are. */
export function hexTag(seed: string): string {
  return createHash('sha256').update(`${seed}:${randomUUID()}`).digest('hex')
}
