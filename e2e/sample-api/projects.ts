import { createHash } from 'node:crypto'
import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { linkHeaders, linkPage, pageQuery } from './paging.ts'
import { created, invalid, noContent, notFound, ok, problem } from './reply.ts'
import { formatId } from './store.ts'
import { TicketStatus } from './ticket.ts'

const ProjectStatus = z.enum(['planned', 'active', 'on_hold', 'done']).meta({ id: 'ProjectStatus' })

export const Project = z
  .object({
    id: z.string().describe('For example `prj_002`.'),
    code: z
      .string()
      .regex(/^[A-Z]{2,5}$/)
      .describe('Short code, for example `ARM`.'),
    name: z.string(),
    description: z.string(),
    status: ProjectStatus,
    lead_id: z.string().nullable(),
    budget_cents: z.int().min(0).nullable().describe('Null when no budget was agreed.'),
    starts_on: z.iso.date(),
    ends_on: z.iso.date().nullable(),
    is_archived: z.boolean(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Project', description: 'A piece of work with a goal and an end.' })
export type Project = z.infer<typeof Project>

const ProjectCreate = z
  .strictObject({
    code: z.string().regex(/^[A-Z]{2,5}$/),
    name: z.string().min(1).max(80),
    description: z.string().max(2000).default(''),
    status: ProjectStatus.default('planned'),
    lead_id: z.string().nullable().default(null),
    budget_cents: z.int().min(0).nullable().default(null),
    starts_on: z.iso.date(),
    ends_on: z.iso.date().nullable().default(null),
  })
  .meta({ id: 'ProjectCreate' })

const ProjectUpdate = z
  .strictObject({
    name: z.string().min(1).max(80).optional(),
    description: z.string().max(2000).optional(),
    status: ProjectStatus.optional(),
    lead_id: z.string().nullable().optional(),
    budget_cents: z.int().min(0).nullable().optional(),
    ends_on: z.iso.date().nullable().optional(),
  })
  .meta({ id: 'ProjectUpdate', description: 'Only the given fields change.' })

const ProjectSummary = z
  .object({
    project_id: z.string(),
    tickets: z
      .object({ open: z.int(), in_progress: z.int(), blocked: z.int(), resolved: z.int(), closed: z.int() })
      .describe('Number of tickets in each state.'),
    open_estimate_hours: z.number().describe('Sum of the estimates of unfinished tickets.'),
    invoiced_cents: z.int().describe('Sum of the invoices that were sent or paid, whatever their currency.'),
  })
  .meta({ id: 'ProjectSummary' })

const projectParams = { project_id: z.string().describe('Id of a project, for example `prj_002`.') }
const etagHeader = {
  ETag: { description: 'Version of the project, for `If-Match` and `If-None-Match`.', schema: z.string() },
}
const tag = 'Projects'

function etagOf(project: Project): string {
  return `"${createHash('sha256').update(JSON.stringify(project)).digest('hex').slice(0, 16)}"`
}

export const projects = [
  operation({
    id: 'projects/list',
    method: 'get',
    path: '/projects',
    tag,
    summary: 'List projects',
    description: 'All projects by code, in numbered pages. Archived ones are left out unless asked for.',
    query: {
      ...pageQuery,
      status: z.array(ProjectStatus).optional().describe('Only these states, comma separated.'),
      include_archived: z.boolean().default(false),
    },
    commaSeparated: ['status'],
    answers: { 200: { description: 'One page of projects.', schema: z.array(Project), headers: linkHeaders } },
    handle: ({ query, store, url }) => {
      const found = [...store.projects.values()].filter(
        (project) =>
          (query.include_archived || !project.is_archived) &&
          (query.status === undefined || query.status.includes(project.status)),
      )
      found.sort((a, b) => (a.code < b.code ? -1 : 1))
      return linkPage(found, query, url)
    },
  }),
  operation({
    id: 'projects/create',
    method: 'post',
    path: '/projects',
    tag,
    summary: 'Create a project',
    description: 'Creates a project. Its code must be new.',
    body: jsonBody(ProjectCreate, {
      code: 'DOCK',
      name: 'Docking station',
      starts_on: '2026-11-01',
      budget_cents: 4_500_000,
    }),
    answers: { 201: { description: 'The new project.', schema: Project, headers: etagHeader } },
    refusals: [409],
    handle: ({ body, store }) => {
      if (body.lead_id && !store.people.has(body.lead_id)) return invalid('body.lead_id', 'names no person')
      const namesake = [...store.projects.values()].find(({ code }) => code === body.code)
      if (namesake) return problem(409, `${namesake.id} already has the code ${body.code}.`)
      const id = formatId('prj', store.nextNumber('projects'))
      const project: Project = { id, ...body, is_archived: false, updated_at: store.tick() }
      store.projects.set(id, project)
      const reply = created(project, `/projects/${id}`)
      return { ...reply, headers: { ...reply.headers, etag: etagOf(project) } }
    },
  }),
  operation({
    id: 'projects/get',
    method: 'get',
    path: '/projects/{project_id}',
    tag,
    summary: 'Get a project',
    description: 'One project by id, with its version as ETag.',
    params: projectParams,
    headers: {
      'if-none-match': z.string().optional().describe('An ETag: the answer is 304 when it is still current.'),
    },
    answers: {
      200: { description: 'The project.', schema: Project, headers: etagHeader },
      304: { description: 'The project has not changed.' },
    },
    refusals: [404],
    handle: ({ params, headers, store }) => {
      const project = store.projects.get(params.project_id)
      if (!project) return notFound('project', params.project_id)
      const etag = etagOf(project)
      return headers['if-none-match'] === etag ? { status: 304, headers: { etag } } : ok(project, { etag })
    },
  }),
  operation({
    id: 'projects/update',
    method: 'patch',
    path: '/projects/{project_id}',
    tag,
    summary: 'Update a project',
    description: 'Changes the given fields. With `If-Match`, only when nobody else changed the project meanwhile.',
    params: projectParams,
    headers: { 'if-match': z.string().optional().describe('The ETag that the change is based on.') },
    body: jsonBody(ProjectUpdate, { status: 'on_hold', ends_on: null }),
    answers: { 200: { description: 'The project as it is now.', schema: Project, headers: etagHeader } },
    refusals: [404, 412],
    handle: ({ params, headers, body, store }) => {
      const project = store.projects.get(params.project_id)
      if (!project) return notFound('project', params.project_id)
      const expected = headers['if-match']
      if (expected !== undefined && expected !== etagOf(project)) {
        return problem(412, `${project.id} changed meanwhile. Get it again and repeat the change.`)
      }
      if (body.lead_id && !store.people.has(body.lead_id)) return invalid('body.lead_id', 'names no person')
      Object.assign(project, body, { updated_at: store.tick() })
      return ok(project, { etag: etagOf(project) })
    },
  }),
  operation({
    id: 'projects/delete',
    method: 'delete',
    path: '/projects/{project_id}',
    tag,
    summary: 'Delete a project',
    description: 'Removes a project for good. Refused while it has tickets; archive it instead.',
    params: projectParams,
    answers: { 204: { description: 'The project is gone.' } },
    refusals: [404, 409],
    handle: ({ params: { project_id }, store }) => {
      if (!store.projects.has(project_id)) return notFound('project', project_id)
      const tickets = [...store.tickets.values()].filter((ticket) => ticket.project_id === project_id)
      if (tickets.length > 0) return problem(409, `${project_id} has ${tickets.length} tickets; archive it instead.`)
      store.projects.delete(project_id)
      return noContent()
    },
  }),
  operation({
    id: 'projects/archive',
    method: 'post',
    path: '/projects/{project_id}/archive',
    tag,
    summary: 'Archive a project',
    description: 'Hides a project from lists and refuses new tickets in it.',
    params: projectParams,
    answers: { 200: { description: 'The archived project.', schema: Project } },
    refusals: [404, 409],
    handle: ({ params, store }) => {
      const project = store.projects.get(params.project_id)
      if (!project) return notFound('project', params.project_id)
      if (project.is_archived) return problem(409, `${project.id} is already archived.`)
      return ok(Object.assign(project, { is_archived: true, updated_at: store.tick() }))
    },
  }),
  operation({
    id: 'projects/summary',
    method: 'get',
    path: '/projects/{project_id}/summary',
    tag,
    summary: 'Summarise a project',
    description: 'How many tickets are in which state, how much work is left, and what was invoiced.',
    params: projectParams,
    answers: { 200: { description: 'The numbers.', schema: ProjectSummary } },
    refusals: [404],
    handle: ({ params: { project_id }, store }) => {
      if (!store.projects.has(project_id)) return notFound('project', project_id)
      const tickets = [...store.tickets.values()].filter((ticket) => ticket.project_id === project_id)
      const unfinished = tickets.filter(({ status }) => status !== 'resolved' && status !== 'closed')
      const invoices = [...store.invoices.values()].filter((invoice) => invoice.project_id === project_id)
      return ok({
        project_id,
        tickets: Object.fromEntries(
          TicketStatus.options.map((status) => [status, tickets.filter((ticket) => ticket.status === status).length]),
        ),
        open_estimate_hours: unfinished.reduce((sum, { estimate_hours }) => sum + (estimate_hours ?? 0), 0),
        invoiced_cents: invoices
          .filter(({ status }) => status === 'sent' || status === 'paid')
          .reduce((sum, { total_cents }) => sum + total_cents, 0),
      })
    },
  }),
]
