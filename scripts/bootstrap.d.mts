// Types of bootstrap.mjs for its test; the file itself has to run before there is anything that could strip types.
interface Lockfile {
  packages?: Record<string, { version?: string; optional?: boolean; devOptional?: boolean }>
}

export function nodeComplaint(version: string): string | undefined
export function installReason(state: {
  wanted: Lockfile | undefined
  installed: Lockfile | undefined
  hasNode: boolean
}): string | undefined
export function bootstrap(script: string): Promise<never>
