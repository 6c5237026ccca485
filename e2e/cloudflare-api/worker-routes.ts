// Workers: an upload is refused when it names a database that is not there, and drops every variable and secret that
// it neither has nor asks to keep.
import { randomUUID } from 'node:crypto'
import { ApiRefusal, type ApiRequest, listOf, paged, recordOf, type Route, textOf } from './answer.ts'
import type { Binding, FakeAccount, FakeWorker, UploadedFile } from './fake-account.ts'

const NOT_FOUND = 10007

function findWorker(account: FakeAccount, name: string | undefined): FakeWorker {
  const worker = account.workers.find((one) => one.name === name)
  if (!worker) throw new ApiRefusal(404, NOT_FOUND, 'This Worker does not exist on your account.')
  return worker
}

async function parseUpload(account: FakeAccount, request: ApiRequest, name: string): Promise<FakeWorker> {
  const type = request.headers.get('content-type') ?? ''
  const form = await new Response(request.bytes, { headers: { 'content-type': type } }).formData()
  const modules: UploadedFile[] = []
  for (const [key, part] of form) {
    if (typeof part === 'string') continue
    modules.push({ name: key, type: part.type, bytes: new Uint8Array(await part.arrayBuffer()) })
  }
  const metadata = recordOf(JSON.parse(textOf(form.get('metadata'), 'metadata')))
  const mainModule = textOf(metadata.main_module, 'main_module')
  if (!modules.some((module) => module.name === mainModule)) {
    throw new ApiRefusal(400, 10021, `there is no module ${mainModule}`)
  }
  const before = account.workers.find((one) => one.name === name)
  const assets = recordOf(metadata.assets ?? {})
  if (assets.jwt !== undefined && assets.jwt !== COMPLETE)
    throw new ApiRefusal(400, 10021, 'the assets are not complete')
  return {
    name,
    tag: before?.tag ?? randomUUID().replaceAll('-', ''),
    bindings: bindingsOf(account, metadata, before),
    compatibilityFlags: listOf(metadata.compatibility_flags).map(String),
    compatibilityDate: String(metadata.compatibility_date),
    mainModule,
    modules,
    onWorkersDev: before?.onWorkersDev ?? false,
    hasPreviews: before?.hasPreviews ?? false,
    crons: before?.crons ?? [],
    deployments: before?.deployments ?? 0,
  }
}

function bindingsOf(
  account: FakeAccount,
  metadata: Record<string, unknown>,
  before: FakeWorker | undefined,
): Binding[] {
  const sent = listOf(metadata.bindings).map((one): Binding => {
    const binding = recordOf(one)
    return { ...binding, name: textOf(binding.name, 'name'), type: textOf(binding.type, 'type') }
  })
  for (const { type, id } of sent) {
    if (type === 'd1' && !account.databases.some(({ uuid }) => uuid === id)) {
      throw new ApiRefusal(400, 10181, 'D1 binding references a database that was not found')
    }
  }
  const keptTypes = listOf(metadata.keep_bindings)
  const isKept = ({ name, type }: Binding) => keptTypes.includes(type) && !sent.some((one) => one.name === name)
  return [...(before?.bindings ?? []).filter(isKept), ...sent]
}

function putLive(account: FakeAccount, worker: FakeWorker): void {
  const others = account.workers.filter(({ name }) => name !== worker.name)
  account.workers = [...others, { ...worker, deployments: worker.deployments + 1 }]
}

const COMPLETE = 'assets-complete'
const uploaded = () => ({ etag: randomUUID(), deployment_id: randomUUID().replaceAll('-', ''), startup_time_ms: 4 })
/** Secrets have names only, for whoever reads. */
const shown = ({ text, ...binding }: Binding) => (binding.type === 'secret_text' ? binding : { ...binding, text })
const SCRIPT = '/workers/scripts/([^/]+)'

const scriptRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: /^\/workers\/scripts$/,
    permission: 'workers',
    handle: ({ workers }) => ({ result: workers.map(({ name, tag }) => ({ id: name, tag })) }),
  },
  {
    method: 'PUT',
    path: new RegExp(`^${SCRIPT}$`),
    permission: 'workers',
    async handle(account, request, [name = '']) {
      const worker = await parseUpload(account, request, name)
      putLive(account, worker)
      return { result: { id: name, tag: worker.tag, ...uploaded() } }
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^${SCRIPT}/versions$`),
    permission: 'workers',
    async handle(account, request, [name = '']) {
      findWorker(account, name)
      const id = randomUUID()
      account.versions.set(id, await parseUpload(account, request, name))
      return { result: { id, resources: { script: { etag: randomUUID() } }, startup_time_ms: 4 } }
    },
  },
  {
    method: 'GET',
    path: new RegExp(`^${SCRIPT}/deployments$`),
    permission: 'workers',
    handle(account, _request, [name]) {
      findWorker(account, name)
      return { result: { deployments: [] } }
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^${SCRIPT}/deployments$`),
    permission: 'workers',
    handle(account, { json }) {
      const [first] = listOf(recordOf(json).versions)
      const version = account.versions.get(String(recordOf(first).version_id))
      if (!version) throw new ApiRefusal(404, 10091, 'no such version')
      putLive(account, version)
      return { result: { id: randomUUID() } }
    },
  },
  {
    method: 'GET',
    path: new RegExp(`^${SCRIPT}/settings$`),
    permission: 'workers',
    handle(account, _request, [name]) {
      const { bindings, compatibilityFlags, compatibilityDate } = findWorker(account, name)
      const flags = { compatibility_flags: compatibilityFlags, compatibility_date: compatibilityDate }
      return { result: { bindings: bindings.map(shown), tags: [], ...flags } }
    },
  },
  {
    method: 'PATCH',
    path: new RegExp(`^${SCRIPT}/script-settings$`),
    permission: 'workers',
    handle(account, { json }, [name]) {
      findWorker(account, name)
      return { result: json }
    },
  },
  {
    method: 'GET',
    path: new RegExp(`^${SCRIPT}/secrets$`),
    permission: 'workers',
    handle: (account, _request, [name]) => ({
      result: findWorker(account, name)
        .bindings.filter(({ type }) => type === 'secret_text')
        .map(shown),
    }),
  },
  {
    method: 'PUT',
    path: new RegExp(`^${SCRIPT}/secrets$`),
    permission: 'workers',
    handle(account, { json }, [name]) {
      const worker = findWorker(account, name)
      const { name: secret, text } = recordOf(json)
      const binding = { name: textOf(secret, 'name'), type: 'secret_text', text: textOf(text, 'text') }
      worker.bindings = [...worker.bindings.filter((one) => one.name !== secret), binding]
      return { result: shown(binding) }
    },
  },
  {
    method: 'PUT',
    path: new RegExp(`^${SCRIPT}/schedules$`),
    permission: 'workers',
    handle(account, { json }, [name]) {
      const crons = listOf(json).map((one) => textOf(recordOf(one).cron, 'cron'))
      Object.assign(findWorker(account, name), { crons })
      return { result: { schedules: crons.map((cron) => ({ cron })) } }
    },
  },
  {
    method: 'POST',
    path: new RegExp(`^${SCRIPT}/subdomain$`),
    permission: 'workers',
    handle(account, { json }, [name]) {
      const { enabled, previews_enabled: previews } = recordOf(json)
      Object.assign(findWorker(account, name), { onWorkersDev: enabled === true, hasPreviews: previews === true })
      return { result: { enabled, previews_enabled: previews } }
    },
  },
]

const assetRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: new RegExp(`^${SCRIPT}/assets-upload-session$`),
    permission: 'workers',
    handle({ assets }, { json }) {
      const hashes = Object.values(recordOf(recordOf(json).manifest)).map((entry) => String(recordOf(entry).hash))
      const missing = [...new Set(hashes)].filter((hash) => !assets.has(hash))
      return {
        result: {
          jwt: missing.length === 0 ? COMPLETE : 'assets-missing',
          buckets: missing.length === 0 ? [] : [missing],
        },
      }
    },
  },
  {
    method: 'POST',
    path: /^\/workers\/assets\/upload$/,
    permission: [],
    async handle({ assets }, { bytes, headers }) {
      if (headers.get('authorization') !== 'Bearer assets-missing')
        throw new ApiRefusal(401, 10000, 'no upload session')
      const type = headers.get('content-type') ?? ''
      const form = await new Response(bytes, { headers: { 'content-type': type } }).formData()
      for (const hash of form.keys()) assets.add(hash)
      return { result: { jwt: COMPLETE }, status: 201 }
    },
  },
]

export const workerRoutes: readonly Route[] = [
  ...scriptRoutes,
  ...assetRoutes,
  {
    method: 'GET',
    path: /^\/workers\/services\/([^/]+)$/,
    permission: 'workers',
    handle(account, _request, [name]) {
      const { tag } = findWorker(account, name)
      return {
        result: { default_environment: { environment: 'production', script: { tag, last_deployed_from: 'wrangler' } } },
      }
    },
  },
  {
    method: 'GET',
    path: /^\/workers\/workers\/([^/]+)$/,
    permission: 'workers',
    handle(account, _request, [name]) {
      const { tag, onWorkersDev: enabled, hasPreviews: previews } = findWorker(account, name)
      return { result: { id: tag, name, subdomain: { enabled, previews_enabled: previews } } }
    },
  },
  {
    method: 'GET',
    path: /^\/workers\/subdomain$/,
    permission: 'workers',
    handle({ subdomain }) {
      if (subdomain === undefined) throw new ApiRefusal(404, NOT_FOUND, 'You do not have a workers.dev subdomain.')
      return { result: { subdomain } }
    },
  },
  {
    method: 'GET',
    path: /^\/workers\/domains$/,
    permission: 'workers',
    handle: ({ domains }, { query }) =>
      paged(
        domains.filter(({ service }) => service === (query.get('service') ?? service)),
        query,
      ),
  },
]
