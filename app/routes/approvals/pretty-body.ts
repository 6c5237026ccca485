/**
 * A body with line breaks and indentation when it is JSON of which nothing changes by that; else exactly as it is: large
 * numbers, fields that come twice and white space are part of what is approved.
 */
export function prettyBody(body: string): string {
  try {
    const value: unknown = JSON.parse(body)
    return JSON.stringify(value) === body ? JSON.stringify(value, null, 2) : body
  } catch {
    return body
  }
}
