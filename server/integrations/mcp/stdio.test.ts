import { expect, test } from 'vitest'
import { stdioServer } from './stdio.ts'

test.each([
  ['npx -y @modelcontextprotocol/server-everything', 'npx -y @modelcontextprotocol/server-everything'],
  ['$ uvx mcp-server-git --repository .', 'uvx mcp-server-git --repository .'],
  [
    'docker run -i --rm -e GITHUB_TOKEN=ghp_abc ghcr.io/github/github-mcp-server',
    'docker run -i --rm -e GITHUB_TOKEN=… ghcr.io/github/github-mcp-server',
  ],
  ['API_KEY=abc npx -y some-server --api-key "abc def" --port 1', 'API_KEY=… npx -y some-server --api-key … --port 1'],
  ['npx -y \\\n  some-server', 'npx -y some-server'],
  [
    '{"mcpServers":{"git":{"command":"uvx","args":["mcp-server-git","--name","a b"],"env":{"TOKEN":"abc"}}}}',
    'uvx mcp-server-git --name "a b"',
  ],
  ['{"command":"node","args":["server.js"]}', 'node server.js'],
])('%s starts a program', (pasted, command) => {
  const found = stdioServer(pasted)
  expect(found?.command).toBe(command)
  expect(found?.message).toContain(`npx -y supergateway --stdio "${command.replaceAll('"', '\\"')}"`)
  expect(found?.message).not.toContain('abc')
})

test.each([
  'https://mcp.example.com/mcp',
  'mcp.example.com',
  'curl https://api.example.com',
  '{"openapi":"3.1.0"}',
  '{"mcpServers":{"one":{"url":"https://mcp.example.com/mcp"}}}',
  '{"mcpServers":',
  'npx is what starts it.\nAnd more text.',
])('%s does not', (pasted) => {
  expect(stdioServer(pasted)).toBeNull()
})
