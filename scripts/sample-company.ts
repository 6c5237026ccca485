// The sample company: its API, its sign-in, and the application for its people that stands behind the local Access.
import { join } from 'node:path'
import {
  EXECUTOR_APP,
  otherOrigin,
  PEOPLE_APP,
  PEOPLE_AUDIENCE,
  PEOPLE_PUBLIC_PATHS,
  SAAS_APP,
} from '../e2e/local-access/applications.ts'
import type { OtherApplication } from '../e2e/local-access/start-local-access.ts'
import { startSampleApi } from '../e2e/sample-api/server.ts'
import { startSampleOauth } from '../e2e/sample-oauth/server.ts'
import { startSamplePeople } from '../e2e/sample-people/server.ts'
import type { Ports } from './ports.ts'

export interface SampleCompany {
  /** Of its API. */
  url: string
  stop(): Promise<void>
}

/** Where Executor is answered by authorization servers. */
export function callbackOf({ access }: Ports): string {
  return `http://localhost:${access}/oauth/callback`
}

/** The application for the company's people, as the local Access knows it: linked to Executor both ways. */
export function peopleApplication({ people, peopleDirect }: Ports): OtherApplication {
  return {
    uid: PEOPLE_APP,
    name: 'Northwind People',
    port: people,
    upstream: otherOrigin(peopleDirect),
    audience: PEOPLE_AUDIENCE,
    publicPaths: PEOPLE_PUBLIC_PATHS,
    linkedApps: [EXECUTOR_APP, SAAS_APP],
  }
}

export async function startSampleCompany(ports: Ports, stateDir: string): Promise<SampleCompany> {
  const started: { close(): Promise<void> }[] = []
  const stop = async () => void (await Promise.all(started.splice(0).map((part) => part.close())))
  try {
    const oauth = await startSampleOauth({
      port: ports.oauth,
      resource: `http://localhost:${ports.sample}`,
      redirectUris: [callbackOf(ports)],
      storagePath: join(stateDir, 'sample-oauth.json'),
    })
    started.push(oauth)
    const api = await startSampleApi({ port: ports.sample, authorizationServer: oauth.url })
    started.push(api)
    const people = await startSamplePeople({
      port: ports.peopleDirect,
      publicUrl: otherOrigin(ports.people),
      teamDomain: `http://localhost:${ports.access}`,
      audience: PEOPLE_AUDIENCE,
    })
    started.push(people)
    return { url: api.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
