import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { linkHeaders, linkPage, pageQuery } from './paging.ts'
import { created, invalid, noContent, notFound, ok, problem } from './reply.ts'
import { formatId, type Store } from './store.ts'
import { Ticket } from './ticket.ts'

export const Department = z
  .enum(['engineering', 'design', 'product', 'support', 'sales', 'finance', 'operations'])
  .meta({ id: 'Department', description: 'Part of the company.' })

const Location = z
  .object({ city: z.string(), country: z.string().length(2).describe('ISO 3166-1 alpha-2 code.') })
  .meta({ id: 'Location', description: 'Where somebody works.' })

export const Person = z
  .object({
    id: z.string().describe('For example `per_007`.'),
    name: z.string(),
    email: z.email(),
    title: z.string().describe('Job title.'),
    department: Department,
    team_id: z.string().nullable().describe('Null for people without a team.'),
    manager_id: z.string().nullable().describe('Null for whoever reports to nobody.'),
    location: Location.nullable().describe('Null for people without a fixed office.'),
    phone: z.string().nullable(),
    is_active: z.boolean().describe('False once somebody has left.'),
    started_on: z.iso.date(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Person', description: 'Somebody who works, or worked, at Northwind Robotics.' })
export type Person = z.infer<typeof Person>

const PersonCreate = z
  .strictObject({
    name: z.string().min(1).max(100),
    email: z.email(),
    title: z.string().min(1).max(100),
    department: Department,
    team_id: z.string().nullable().optional(),
    manager_id: z.string().nullable().optional(),
    location: Location.nullable().optional(),
    phone: z.string().max(40).nullable().optional(),
    started_on: z.iso.date().optional().describe('Today when left out.'),
  })
  .meta({ id: 'PersonCreate' })

const PersonUpdate = z
  .strictObject({ ...PersonCreate.partial().shape, is_active: z.boolean().optional() })
  .meta({ id: 'PersonUpdate', description: 'Only the given fields change.' })

export const personParams = { person_id: z.string().describe('Id of a person, for example `per_007`.') }
const tag = 'People'

function refusedReference(
  store: Store,
  fields: { email?: string; team_id?: string | null; manager_id?: string | null },
  own?: string,
) {
  if (fields.team_id && !store.teams.has(fields.team_id)) return invalid('body.team_id', 'names no team')
  if (fields.manager_id && !store.people.has(fields.manager_id)) return invalid('body.manager_id', 'names no person')
  if (own && fields.manager_id === own) return invalid('body.manager_id', 'must be somebody else')
  const holder = [...store.people.values()].find(({ id, email }) => email === fields.email && id !== own)
  return holder ? problem(409, `${holder.id} already has the address ${holder.email}.`) : null
}

export const people = [
  operation({
    id: 'people/list',
    method: 'get',
    path: '/people',
    tag,
    summary: 'List people',
    description: 'Everybody at the company, in numbered pages. Follow the Link header to the end.',
    query: {
      ...pageQuery,
      department: Department.optional().describe('Only this department.'),
      team_id: z.string().optional().describe('Only members of this team.'),
      is_active: z.boolean().optional().describe('Only people who work here (true) or have left (false).'),
      q: z.string().optional().describe('Part of a name, an email address or a job title.'),
      sort: z
        .enum(['name', '-name', 'started_on', '-started_on'])
        .default('name')
        .describe('A minus sign reverses the order.'),
    },
    answers: { 200: { description: 'One page of people.', schema: z.array(Person), headers: linkHeaders } },
    handle: ({ query, store, url }) => {
      const { department, team_id, is_active, sort } = query
      const q = query.q?.toLowerCase()
      const found = [...store.people.values()].filter(
        (person) =>
          (department === undefined || person.department === department) &&
          (team_id === undefined || person.team_id === team_id) &&
          (is_active === undefined || person.is_active === is_active) &&
          (q === undefined || `${person.name} ${person.email} ${person.title}`.toLowerCase().includes(q)),
      )
      const key = sort.endsWith('name') ? 'name' : 'started_on'
      found.sort((a, b) => (a[key] < b[key] ? -1 : 1) * (sort.startsWith('-') ? -1 : 1))
      return linkPage(found, query, url)
    },
  }),
  operation({
    id: 'people/find-by-email',
    method: 'get',
    path: '/people/find',
    tag,
    summary: 'Find a person by email address',
    description: 'Kept for old clients. Use `people/list` with `q`.',
    isDeprecated: true,
    query: { email: z.email().describe('The whole address.') },
    answers: { 200: { description: 'The person.', schema: Person } },
    refusals: [404],
    handle: ({ query, store }) => {
      const person = [...store.people.values()].find(({ email }) => email === query.email)
      return person ? ok(person) : notFound('person with the address', query.email)
    },
  }),
  operation({
    id: 'people/create',
    method: 'post',
    path: '/people',
    tag,
    summary: 'Add a person',
    description: 'Adds a new colleague. The email address must not be in use.',
    body: jsonBody(PersonCreate, {
      name: 'Grace Okafor',
      email: 'grace.okafor@northwind-robotics.example',
      title: 'Robotics Engineer',
      department: 'engineering',
      team_id: 'team_001',
    }),
    answers: { 201: { description: 'The new person.', schema: Person } },
    refusals: [409],
    handle: ({ body, store }) => {
      const refused = refusedReference(store, body)
      if (refused) return refused
      const updated_at = store.tick()
      const id = formatId('per', store.nextNumber('people'))
      const started_on = updated_at.slice(0, 10)
      const person: Person = {
        id,
        team_id: null,
        manager_id: null,
        location: null,
        phone: null,
        is_active: true,
        started_on,
        updated_at,
        ...body,
      }
      store.people.set(id, person)
      return created(person, `/people/${id}`)
    },
  }),
  operation({
    id: 'people/get',
    method: 'get',
    path: '/people/{person_id}',
    tag,
    summary: 'Get a person',
    description: 'One person by id.',
    params: personParams,
    answers: { 200: { description: 'The person.', schema: Person } },
    refusals: [404],
    handle: ({ params, store }) => {
      const person = store.people.get(params.person_id)
      return person ? ok(person) : notFound('person', params.person_id)
    },
  }),
  operation({
    id: 'people/update',
    method: 'patch',
    path: '/people/{person_id}',
    tag,
    summary: 'Update a person',
    description: 'Changes the given fields and leaves the others as they are. Null empties a field that may be empty.',
    params: personParams,
    body: jsonBody(PersonUpdate, { title: 'Senior Robotics Engineer', manager_id: 'per_001' }),
    answers: { 200: { description: 'The person as they are now.', schema: Person } },
    refusals: [404, 409],
    handle: ({ params, body, store }) => {
      const person = store.people.get(params.person_id)
      if (!person) return notFound('person', params.person_id)
      const refused = refusedReference(store, body, person.id)
      if (refused) return refused
      return ok(Object.assign(person, body, { updated_at: store.tick() }))
    },
  }),
  operation({
    id: 'people/delete',
    method: 'delete',
    path: '/people/{person_id}',
    tag,
    summary: 'Delete a person',
    description: 'Removes a person for good. Refused while tickets are assigned to them or people report to them.',
    params: personParams,
    answers: { 204: { description: 'The person is gone.' } },
    refusals: [404, 409],
    handle: ({ params: { person_id }, store }) => {
      if (!store.people.has(person_id)) return notFound('person', person_id)
      const tickets = [...store.tickets.values()].filter((ticket) => ticket.assignee_id === person_id)
      if (tickets.length > 0)
        return problem(409, `${person_id} still has ${tickets.length} tickets; assign them to somebody else first.`)
      const reports = [...store.people.values()].filter((person) => person.manager_id === person_id)
      if (reports.length > 0)
        return problem(409, `${reports.length} people report to ${person_id}; change their manager first.`)
      store.people.delete(person_id)
      return noContent()
    },
  }),
  operation({
    id: 'people/list-tickets',
    method: 'get',
    path: '/people/{person_id}/tickets',
    tag,
    summary: "List a person's tickets",
    description: 'The tickets assigned to a person, newest first, in numbered pages.',
    params: personParams,
    query: pageQuery,
    answers: { 200: { description: 'One page of tickets.', schema: z.array(Ticket), headers: linkHeaders } },
    refusals: [404],
    handle: ({ params: { person_id }, query, store, url }) => {
      if (!store.people.has(person_id)) return notFound('person', person_id)
      const tickets = [...store.tickets.values()].filter((ticket) => ticket.assignee_id === person_id)
      return linkPage(tickets.reverse(), query, url)
    },
  }),
]
