/**
 * `fetch`, and once more when the proxy inside `wrangler dev` lost the request: it may reuse a connection that the Worker
 * is just closing, idle while a program kept it busy, sends only reads again by itself, and answers everything else with
 * a 500 of its own. Nothing has reached the Worker then.
 */
export async function patientFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init)
  if (response.status !== 500) return response
  const text = await response.clone().text()
  return text.includes('Network connection lost') ? fetch(url, init) : response
}
