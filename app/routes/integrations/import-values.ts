// What the form that adds an integration holds. Pure.
import type { AuthMethod, ImportPreview, Server } from '../../../drizzle/shapes.ts'
import { expandServer } from '../../../server/integrations/openapi/server-template.ts'
import type { FormError } from '../../ui/error-summary.tsx'
import { firstChoice, shownValues } from '../connections/connect-form.ts'
import { formText } from '../form.ts'
import type { Preset } from './presets.ts'
import { type ImportValues, OTHER_SERVER, variableField } from './server-field.tsx'

/** What the form begins with. One of the gallery has a name, and where its document leaves it open, an address. */
export function suggestedValues(
  preview: ImportPreview,
  methods: AuthMethod[],
  { slug, title, baseUrl }: Partial<Pick<Preset, 'slug' | 'title' | 'baseUrl'>> = {},
): ImportValues {
  return {
    title: title ?? preview.title,
    slug: slug ?? preview.suggestedSlug,
    server: preview.servers.length > 0 && baseUrl === undefined ? '0' : OTHER_SERVER,
    baseUrl: baseUrl ?? '',
    variables: Object.fromEntries(
      preview.servers.flatMap(({ variables = {} }, server) =>
        Object.entries(variables).map(([name, variable]) => [variableField(server, name), variable.default]),
      ),
    ),
    connect: { method: firstChoice(methods), owner: 'org', slug: 'main', fields: {} },
  }
}

/** The values as they were sent, and the address that they come to. */
export function readImportForm(
  form: FormData,
  servers: readonly Server[],
  methods: AuthMethod[],
): { values: ImportValues; baseUrl: string; errors: FormError[] } {
  const chosen = formText(form, 'server') || (form.has('baseUrl') || servers.length === 0 ? OTHER_SERVER : '0')
  const variables = Object.fromEntries(
    servers.flatMap(({ variables: declared = {} }, server) =>
      Object.keys(declared).map((name) => {
        const field = variableField(server, name)
        return [field, formText(form, field)]
      }),
    ),
  )
  const values: ImportValues = {
    title: formText(form, 'title'),
    slug: formText(form, 'slug'),
    server: chosen,
    baseUrl: formText(form, 'baseUrl'),
    variables,
    connect: {
      method: formText(form, 'method'),
      owner: formText(form, 'owner'),
      slug: formText(form, 'connection'),
      fields: shownValues(form, methods),
    },
  }
  if (chosen === OTHER_SERVER) return { values, baseUrl: values.baseUrl, errors: [] }
  const index = Number(chosen)
  const server = servers[index]
  if (server === undefined) return { values, baseUrl: '', errors: [{ field: 'server', message: 'Choose a server.' }] }
  const given = Object.keys(server.variables ?? {}).map((name) => [name, variables[variableField(index, name)] ?? ''])
  const expanded = expandServer(server, Object.fromEntries(given))
  if (expanded.ok) return { values, baseUrl: expanded.url, errors: [] }
  const field = expanded.variable === undefined ? 'server' : variableField(index, expanded.variable)
  return { values, baseUrl: '', errors: [{ field, message: expanded.message }] }
}
