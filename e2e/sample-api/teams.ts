import { z } from 'zod'
import { jsonBody } from './body-format.ts'
import { operation } from './operation.ts'
import { Person, personParams } from './people.ts'
import { created, invalid, noContent, notFound, ok, problem } from './reply.ts'
import { formatId, type Seed, type Store } from './store.ts'

export const Team = z
  .object({
    id: z.string().describe('For example `team_003`.'),
    name: z.string(),
    purpose: z.string(),
    lead_id: z.string().nullable().describe('The person who leads it.'),
    member_count: z.int().min(0),
  })
  .meta({ id: 'Team', description: 'People who work together.' })
export type Team = z.infer<typeof Team>

const TeamWrite = z
  .strictObject({
    name: z.string().min(1).max(60),
    purpose: z.string().max(500).default(''),
    lead_id: z.string().nullable().default(null),
  })
  .meta({ id: 'TeamWrite' })

const teamParams = { team_id: z.string().describe('Id of a team, for example `team_003`.') }
const tag = 'Teams'

function membersOf(store: Store, team_id: string): Person[] {
  return [...store.people.values()].filter((person) => person.team_id === team_id)
}

function present(store: Store, team: Seed['teams'][number]): Team {
  return { ...team, member_count: membersOf(store, team.id).length }
}

export const teams = [
  operation({
    id: 'teams/list',
    method: 'get',
    path: '/teams',
    tag,
    summary: 'List teams',
    description: 'All teams, at once: there are few.',
    answers: { 200: { description: 'Every team.', schema: z.array(Team) } },
    handle: ({ store }) => ok([...store.teams.values()].map((team) => present(store, team))),
  }),
  operation({
    id: 'teams/create',
    method: 'post',
    path: '/teams',
    tag,
    summary: 'Create a team',
    description: 'Creates a team without members. Names are unique.',
    body: jsonBody(TeamWrite, { name: 'Battery Lab', purpose: 'Longer shifts between charges.', lead_id: 'per_009' }),
    answers: { 201: { description: 'The new team.', schema: Team } },
    refusals: [409],
    handle: ({ body, store }) => {
      if (body.lead_id && !store.people.has(body.lead_id)) return invalid('body.lead_id', 'names no person')
      const namesake = [...store.teams.values()].find(({ name }) => name === body.name)
      if (namesake) return problem(409, `${namesake.id} is already called ${body.name}.`)
      const id = formatId('team', store.nextNumber('teams'))
      const team = { id, ...body }
      store.teams.set(id, team)
      return created(present(store, team), `/teams/${id}`)
    },
  }),
  operation({
    id: 'teams/get',
    method: 'get',
    path: '/teams/{team_id}',
    tag,
    summary: 'Get a team',
    description: 'One team by id.',
    params: teamParams,
    answers: { 200: { description: 'The team.', schema: Team } },
    refusals: [404],
    handle: ({ params, store }) => {
      const team = store.teams.get(params.team_id)
      return team ? ok(present(store, team)) : notFound('team', params.team_id)
    },
  }),
  operation({
    id: 'teams/replace',
    method: 'put',
    path: '/teams/{team_id}',
    tag,
    summary: 'Replace a team',
    description: 'Sets name, purpose and lead at once; what is left out is emptied. Members stay.',
    params: teamParams,
    body: jsonBody(TeamWrite, { name: 'Perception', purpose: 'What the robots see.', lead_id: 'per_004' }),
    answers: { 200: { description: 'The team as it is now.', schema: Team } },
    refusals: [404],
    handle: ({ params, body, store }) => {
      const team = store.teams.get(params.team_id)
      if (!team) return notFound('team', params.team_id)
      if (body.lead_id && !store.people.has(body.lead_id)) return invalid('body.lead_id', 'names no person')
      return ok(present(store, Object.assign(team, body)))
    },
  }),
  operation({
    id: 'teams/delete',
    method: 'delete',
    path: '/teams/{team_id}',
    tag,
    summary: 'Delete a team',
    description: 'Removes a team without members; refused while it has any.',
    params: teamParams,
    answers: { 204: { description: 'The team is gone.' } },
    refusals: [404, 409],
    handle: ({ params: { team_id }, store }) => {
      if (!store.teams.has(team_id)) return notFound('team', team_id)
      const members = membersOf(store, team_id)
      if (members.length > 0) return problem(409, `${team_id} still has ${members.length} members.`)
      store.teams.delete(team_id)
      return noContent()
    },
  }),
  operation({
    id: 'teams/list-members',
    method: 'get',
    path: '/teams/{team_id}/members',
    tag,
    summary: 'List the members of a team',
    description: 'Everybody in a team.',
    params: teamParams,
    answers: { 200: { description: 'The members.', schema: z.array(Person) } },
    refusals: [404],
    handle: ({ params: { team_id }, store }) =>
      store.teams.has(team_id) ? ok(membersOf(store, team_id)) : notFound('team', team_id),
  }),
  operation({
    id: 'teams/add-member',
    method: 'put',
    path: '/teams/{team_id}/members/{person_id}',
    tag,
    summary: 'Add a member to a team',
    description: 'Moves a person into a team, out of the one they were in. Doing it twice changes nothing.',
    params: { ...teamParams, ...personParams },
    answers: { 204: { description: 'The person is a member.' } },
    refusals: [404],
    handle: ({ params: { team_id, person_id }, store }) => {
      const person = store.people.get(person_id)
      if (!store.teams.has(team_id)) return notFound('team', team_id)
      if (!person) return notFound('person', person_id)
      Object.assign(person, { team_id, updated_at: store.tick() })
      return noContent()
    },
  }),
  operation({
    id: 'teams/remove-member',
    method: 'delete',
    path: '/teams/{team_id}/members/{person_id}',
    tag,
    summary: 'Remove a member from a team',
    description: 'Leaves the person without a team.',
    params: { ...teamParams, ...personParams },
    answers: { 204: { description: 'The person is no longer a member.' } },
    refusals: [404],
    handle: ({ params: { team_id, person_id }, store }) => {
      const person = store.people.get(person_id)
      if (!store.teams.has(team_id)) return notFound('team', team_id)
      if (person?.team_id !== team_id) return notFound(`member of ${team_id}`, person_id)
      Object.assign(person, { team_id: null, updated_at: store.tick() })
      return noContent()
    },
  }),
]
