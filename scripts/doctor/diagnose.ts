// From what was observed to what it means. Pure: everything it knows is in the observations.
import type { Finding } from './finding.ts'
import { diagnoseDoor } from './diagnose-door.ts'
import { diagnoseInside } from './diagnose-inside.ts'
import { diagnoseOauth } from './diagnose-oauth.ts'
import type { Observations } from './observe.ts'
import { verdictOn } from './verdict.ts'

export function diagnose(observations: Observations): Finding[] {
  const { origin, root } = observations
  const verdict = verdictOn(root)
  if (verdict.how === 'unreachable') return [unreachable(origin, verdict.failure)]
  if (verdict.how === 'redirect') return [elsewhere(origin, verdict.location)]
  return [...diagnoseDoor(observations), ...diagnoseOauth(observations), ...diagnoseInside(observations)]
}

function unreachable(origin: string, failure: string): Finding {
  return {
    id: 'unreachable',
    level: 'error',
    title: 'The deployment does not answer',
    detail: `${origin} could not be reached: ${failure}.`,
    fix: 'Check the address. Is the Worker deployed, and is this one of its routes, custom domains or its workers.dev address? A new name takes a few minutes.',
  }
}

function elsewhere(origin: string, location: string): Finding {
  const target = URL.canParse(location) ? new URL(location).origin : location
  return {
    id: 'redirected',
    level: 'error',
    title: 'The address leads somewhere else',
    detail: `${origin} redirects to ${location}, which is not the login page of Access.`,
    fix: `If that is where Executor lives, look there: npm run doctor -- ${target}`,
  }
}
