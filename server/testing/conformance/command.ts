// The program that the conformance suite starts for each scenario. The client lives in the test, one process for all of
// them: `node command.ts <address of the test> <url of the suite's server>`.
import { request } from 'node:http'

const [address = '', url = ''] = process.argv.slice(2)
const { MCP_CONFORMANCE_SCENARIO: name, MCP_CONFORMANCE_CONTEXT: context = '{}' } = process.env
const asked = request(address, { method: 'POST' }, (response) => {
  process.exitCode = response.statusCode === 200 ? 0 : 1
  response.pipe(process.stdout)
})
asked.end(JSON.stringify({ name, url, context: JSON.parse(context) }))
