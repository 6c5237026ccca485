// The texts that people copy into shells and files, and how words are quoted in them.

export interface Snippet {
  /** `text` is for a field of a form. */
  language: 'sh' | 'json' | 'toml' | 'text'
  /** Where it goes: a file's path, or "In a terminal". */
  caption: string
  text: string
}

export const ID_HEADER = 'CF-Access-Client-Id'
export const SECRET_HEADER = 'CF-Access-Client-Secret'
export const ID_VARIABLE = 'CF_ACCESS_CLIENT_ID'
export const SECRET_VARIABLE = 'CF_ACCESS_CLIENT_SECRET'
export const SAMPLE_ID = '<client id>.access'
export const SAMPLE_SECRET = '<client secret>'

/** The service token as environment variables, so that no secret is written into a command or a file. */
export function serviceTokenVariables(): string {
  return [
    `export ${ID_VARIABLE}=${shellQuote(SAMPLE_ID)}`,
    `export ${SECRET_VARIABLE}=${shellQuote(SAMPLE_SECRET)}`,
  ].join('\n')
}

export function terminal(...lines: string[]): Snippet {
  return { language: 'sh', caption: 'In a terminal', text: lines.join('\n') }
}

export function jsonFile(caption: string, value: unknown): Snippet {
  return { language: 'json', caption, text: JSON.stringify(value, null, 2) }
}

/** Double quotes: the shell fills the variables in. Header options come last, because some clients read on until the next option. */
export function withHeaderOptions(command: string): string {
  return [
    `${command} \\`,
    `  --header "${ID_HEADER}: $${ID_VARIABLE}" \\`,
    `  --header "${SECRET_HEADER}: $${SECRET_VARIABLE}"`,
  ].join('\n')
}

/** Both headers of a service token, with what stands for each variable in the client's own notation. */
export function headersFrom(write: (variable: string) => string): Record<string, string> {
  return { [ID_HEADER]: write(ID_VARIABLE), [SECRET_HEADER]: write(SECRET_VARIABLE) }
}

/** A TOML basic string: its escapes are those of JSON. */
export function tomlString(text: string): string {
  return JSON.stringify(text)
}

/** `text` as one word of a POSIX shell. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
