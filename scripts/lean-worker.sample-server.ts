// More of what lean-worker.node.test.ts bundles: what the Worker asks of cut packages without anybody's page or protocol.
import { eq } from 'drizzle-orm'
import { audit, runs } from '../drizzle/schema.ts'
import type { JsonSchema } from '../drizzle/shapes.ts'
import { createVerifier } from '../server/access/verify.ts'
import { openDatabase } from '../server/db/database.ts'
import type { CallableTool, CallContext, Fetch } from '../server/integrations/adapter.ts'
import { bytesOf } from '../server/integrations/byte-sequence.ts'
import { graphQl } from '../server/integrations/graphql/adapter.ts'
import { detectGraphQl } from '../server/integrations/graphql/detect.ts'
import { isGraphQlBinding, type GraphQlBinding } from '../server/integrations/graphql/binding.ts'
import { combineOperations } from '../server/integrations/graphql/combine-operations.ts'
import { type Operation, planOperation } from '../server/integrations/graphql/operation.ts'
import { mcp } from '../server/integrations/mcp/adapter.ts'
import { callAsking } from '../server/integrations/mcp/call.ts'
import { readCatalog } from '../server/integrations/mcp/catalog.ts'
import type { Ask } from '../server/integrations/mcp/elicitation.ts'
import { probeMcp } from '../server/integrations/mcp/probe.ts'
import { YamlReader } from '../server/integrations/openapi/yaml-reader.ts'
import { createEngine } from '../server/sandbox/engine.ts'
import { evaluate } from '../server/sandbox/evaluate.ts'

export { Client, ProtocolError as ClientError } from '@modelcontextprotocol/client'
export { ProtocolError as ServerError } from '@modelcontextprotocol/server'
export { createVerifier, probeMcp }

/** The catalog of a server, and what each of its tools answers, whatever a person says to its questions. */
export async function askMcp(url: string, fetch: Fetch, input: unknown): Promise<unknown[]> {
  const heard: unknown[] = []
  const catalog = await readCatalog(url, url.endsWith('/sse') ? 'sse' : 'http', fetch)
  if (!catalog.ok) return [catalog]
  const tools: CallableTool[] = []
  const file = { bytes: bytesOf([catalog.bytes]) }
  for await (const found of mcp.discover({ documents: [file], referenced: [] }, fetch)) {
    heard.push(found)
    if (found.type === 'tool') tools.push({ ...found, baseUrl: url })
  }
  const context: CallContext = { memory: new Map(), schemas: async () => new Map(), isBlocked: () => false }
  const answers: Ask[] = [
    async () => null,
    async ({ mode }) => ({ action: 'accept', ...(mode === 'form' && { content: { room: 'c' } }) }),
    async () => ({ action: 'decline' }),
  ]
  for (const tool of tools) {
    for (const ask of answers) heard.push(await callAsking(tool, input, fetch, { context, ask, listens: true }))
  }
  return heard
}

export function readYaml(text: string): unknown {
  const bytes = bytesOf([new TextEncoder().encode(text)])
  try {
    const outer = (name: string) => {
      throw new Error(`nothing is named ${name}`)
    }
    return new YamlReader(bytes, 0, '').values(0, bytes.length, outer).valueOf()
  } catch (error) {
    return String(error)
  }
}

/** All that a document comes to, and what is planned for selections of each of its fields. */
export async function askGraphQl(text: string, selections: readonly string[]): Promise<unknown[]> {
  const heard: unknown[] = []
  const rows: CallContext = {
    schemas: async (names) =>
      new Map(
        names.flatMap((name): [string, JsonSchema][] => {
          const body = known.get(name)
          return body === undefined ? [] : [[name, body]]
        }),
      ),
    isBlocked: () => false,
    memory: new Map(),
  }
  const known = new Map<string, JsonSchema>()
  const bindings: GraphQlBinding[] = []
  const file = { bytes: bytesOf([new TextEncoder().encode(text)]) }
  try {
    heard.push(detectGraphQl(file))
    for await (const found of graphQl.discover({ documents: [file], referenced: [] }, () =>
      Promise.reject(new Error()),
    )) {
      heard.push(structuredClone(found))
      if (found.type === 'schema') known.set(found.name, found.body)
      if (found.type === 'tool' && isGraphQlBinding(found.binding)) bindings.push(found.binding)
    }
  } catch (error) {
    heard.push(String(error))
  }
  const operations: Operation[] = []
  for (const binding of bindings) {
    for (const select of selections) {
      const input = { ...Object.fromEntries(binding.arguments.map(({ name }) => [name, 1])), select }
      const planned = await planOperation(binding, input, rows)
      heard.push(planned.ok ? planned.operation.query : planned)
      if (planned.ok) operations.push(planned.operation)
    }
  }
  heard.push(combineOperations(operations)?.query)
  return heard
}

/** Without its steps: the sandbox's prelude is another text in the bundle. */
export async function runProgram(wasm: WebAssembly.Module, code: string): Promise<unknown> {
  const { steps, ...rest } = await evaluate(code, {
    call: async (request) => ({ ok: true, value: { status: 200, headers: {}, data: request }, at: 1000 }),
    now: 0,
    seed: 'seed',
    engine: createEngine(wasm),
  })
  return [steps > 0, rest]
}

/** Queries as they are sent, and what becomes of answers and failures. */
export async function askDatabase(d1: D1Database): Promise<unknown[]> {
  const db = openDatabase(d1)
  const heard: unknown[] = []
  const hear = async (work: Promise<unknown>) =>
    heard.push(
      await work.catch((error: unknown) => (error instanceof Error ? [error.name, error.message, error.cause] : error)),
    )
  await hear(db.select().from(runs).where(eq(runs.id, 'a')).limit(1))
  await hear(Promise.resolve(db.select({ id: runs.id }).from(runs).get()))
  await hear(Promise.resolve(db.delete(runs).where(eq(runs.id, 'fails'))))
  await hear(
    db.batch([
      db.select({ id: runs.id }).from(runs),
      db.update(audit).set({ subject: 'x' }).where(eq(audit.sequence, 1)),
    ]),
  )
  await hear(Promise.resolve(db.$count(runs, eq(runs.state, 'waiting'))))
  await hear(
    db
      .select({ id: runs.id })
      .from(runs)
      .union(db.select({ id: audit.subject }).from(audit)),
  )
  return heard
}
