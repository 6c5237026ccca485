// Who works at the sample company, as its personnel department knows them. People are found by the email address that
// Access vouches for.
import { ADMIN, MEMBER } from '../local-access/identities.ts'

export interface Employee {
  id: string
  email: string
  name: string
  title: string
  team: string
  manager_id: string | null
  salary_cents: number
}

export interface Payslip {
  id: string
  employee_id: string
  month: string
  gross_cents: number
  net_cents: number
}

export interface TimeOff {
  id: string
  employee_id: string
  from: string
  to: string
  note: string | null
}

export interface Personnel {
  employees: readonly Employee[]
  payslips: readonly Payslip[]
  timeOff: TimeOff[]
}

/** Runs the personnel department: sees everybody, salaries included. */
export const PEOPLE_ADMIN = ADMIN.email

const MONTHS = ['2026-08', '2026-09', '2026-10']

function employee(
  [id, email, name]: [id: string, email: string, name: string],
  title: string,
  team: string,
  manager_id: string | null,
  salary_cents: number,
): Employee {
  return { id, email, name, title, team, manager_id, salary_cents }
}

const EMPLOYEES: readonly Employee[] = [
  employee(['emp_01', ADMIN.email, ADMIN.name], 'Head of People', 'People', null, 9_600_000),
  employee(['emp_02', MEMBER.email, MEMBER.name], 'Motion Engineer', 'Motion', 'emp_03', 6_400_000),
  employee(['emp_03', 'keiko@example.com', 'Keiko Tanaka'], 'Head of Motion', 'Motion', 'emp_01', 8_800_000),
  employee(['emp_04', 'pedro@example.com', 'Pedro Silva'], 'Motion Engineer', 'Motion', 'emp_03', 6_100_000),
  employee(['emp_05', 'rosa@example.com', 'Rosa Novak'], 'Accountant', 'Ledger', 'emp_06', 5_700_000),
  employee(['emp_06', 'tariq@example.com', 'Tariq Haddad'], 'Head of Finance', 'Ledger', 'emp_01', 8_900_000),
]

export function createPersonnel(): Personnel {
  const payslips = EMPLOYEES.flatMap(({ id, salary_cents }) =>
    MONTHS.map((month) => ({
      id: `pay_${id.slice(4)}_${month.replace('-', '')}`,
      employee_id: id,
      month,
      gross_cents: Math.round(salary_cents / 12),
      net_cents: Math.round(salary_cents / 20),
    })),
  )
  return { employees: EMPLOYEES, payslips, timeOff: [] }
}
