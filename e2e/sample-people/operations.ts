// What the application can do, and for whom: Access lets people through, and this decides what each may see.
import { z } from 'zod'
import { created, ok, problem, type Reply } from '../sample-api/reply.ts'
import { type Employee, PEOPLE_ADMIN, type Personnel } from './staff.ts'

const Colleague = z.object({ id: z.string(), name: z.string(), title: z.string(), team: z.string() })
const Me = z.object({ ...Colleague.shape, email: z.string(), is_people_admin: z.boolean() })
const Person = z.object({
  ...Colleague.shape,
  manager_id: z.string().nullable(),
  salary_cents: z.int().optional().describe('Only the personnel department sees it.'),
})
const Payslip = z.object({ id: z.string(), month: z.string(), gross_cents: z.int(), net_cents: z.int() })
const TimeOffRequest = z.strictObject({
  from: z.iso.date().describe('First day.'),
  to: z.iso.date().describe('Last day.'),
  note: z.string().max(200).nullable().default(null),
})
const TimeOff = z.object({ id: z.string(), ...TimeOffRequest.shape })

export interface Operation {
  id: string
  method: 'GET' | 'POST'
  /** May end in one `{employee_id}`. */
  path: string
  summary: string
  description: string
  answer: { status: 200 | 201; schema: z.ZodType }
  body?: z.ZodObject
  handle(call: { caller: Employee; personnel: Personnel; employeeId: string; body: unknown }): Reply
}

const isAdmin = ({ email }: Employee) => email === PEOPLE_ADMIN
const colleague = ({ id, name, title, team }: Employee) => ({ id, name, title, team })

export const operations: readonly Operation[] = [
  {
    id: 'me/get',
    method: 'GET',
    path: '/me',
    summary: 'Show your own record',
    description: 'Who you are to the personnel department, and whether you are part of it.',
    answer: { status: 200, schema: Me },
    handle: ({ caller }) => ok({ ...colleague(caller), email: caller.email, is_people_admin: isAdmin(caller) }),
  },
  {
    id: 'payslips/list',
    method: 'GET',
    path: '/payslips',
    summary: 'List your own payslips',
    description: 'Your payslips, oldest first. Nobody sees those of anybody else here.',
    answer: { status: 200, schema: z.array(Payslip) },
    handle: ({ caller, personnel }) => {
      const own = personnel.payslips.filter(({ employee_id }) => employee_id === caller.id)
      return ok(own.map(({ id, month, gross_cents, net_cents }) => ({ id, month, gross_cents, net_cents })))
    },
  },
  {
    id: 'people/list',
    method: 'GET',
    path: '/people',
    summary: 'List colleagues',
    description: 'Your own team. The personnel department sees everybody, with salaries.',
    answer: { status: 200, schema: z.array(Person) },
    handle: ({ caller, personnel }) => {
      const seen = personnel.employees.filter(({ team }) => isAdmin(caller) || team === caller.team)
      return ok(
        seen.map((person) => ({
          ...colleague(person),
          manager_id: person.manager_id,
          ...(isAdmin(caller) && { salary_cents: person.salary_cents }),
        })),
      )
    },
  },
  {
    id: 'salaries/get',
    method: 'GET',
    path: '/salaries/{employee_id}',
    summary: 'Show a salary',
    description: 'What somebody earns in a year. Only for the personnel department.',
    answer: { status: 200, schema: z.object({ employee_id: z.string(), salary_cents: z.int() }) },
    handle: ({ caller, personnel, employeeId }) => {
      if (!isAdmin(caller)) return problem(403, 'Only the personnel department sees salaries.')
      const person = personnel.employees.find(({ id }) => id === employeeId)
      if (!person) return problem(404, `There is no employee ${employeeId}.`)
      return ok({ employee_id: person.id, salary_cents: person.salary_cents })
    },
  },
  {
    id: 'time-off/list',
    method: 'GET',
    path: '/time-off',
    summary: 'List your time off',
    description: 'The days that you asked for.',
    answer: { status: 200, schema: z.array(TimeOff) },
    handle: ({ caller, personnel }) =>
      ok(
        personnel.timeOff
          .filter(({ employee_id }) => employee_id === caller.id)
          .map(({ id, from, to, note }) => ({ id, from, to, note })),
      ),
  },
  {
    id: 'time-off/request',
    method: 'POST',
    path: '/time-off',
    summary: 'Ask for time off',
    description: 'Asks for days off for yourself.',
    answer: { status: 201, schema: TimeOff },
    body: TimeOffRequest,
    handle: ({ caller, personnel, body }) => {
      const read = TimeOffRequest.safeParse(body)
      if (!read.success) return problem(422, z.prettifyError(read.error))
      const id = `off_${personnel.timeOff.length + 1}`
      personnel.timeOff.push({ id, employee_id: caller.id, ...read.data })
      return created({ id, ...read.data }, `/time-off/${id}`)
    },
  },
]
