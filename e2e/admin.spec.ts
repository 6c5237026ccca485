// The admin's way, on a desktop and on a phone, with and without JavaScript: sign in, add GitHub, connect it, block a
// tool, see it gone for the agent.
import { fileURLToPath } from 'node:url'
import { expect, type Page, test } from '@playwright/test'
import { callAsAgent } from './agent.ts'
import { MEMBER } from './local-access/identities.ts'
import { signIn } from './sign-in.ts'
import { stackOrigins } from './stack-origins.ts'

const GITHUB = fileURLToPath(new URL('../node_modules/@octokit/openapi/generated/api.github.com.json', import.meta.url))
const OPERATIONS = '1,223'

/** Paths of the sample company answer 404 to GitHub's calls, which is an answer, and nothing leaves this machine. */
function upstream(baseURL: string | undefined): string {
  return stackOrigins(baseURL).sample
}

async function addGitHub(page: Page, slug: string, baseURL: string | undefined) {
  await page.getByRole('link', { name: 'Add an integration' }).click()
  await page.getByLabel('Or a file').setInputFiles(GITHUB)
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('heading', { name: 'Name it' })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('main')).toContainText('the file api.github.com.json')

  await page.getByLabel('Title').fill(`GitHub for ${slug}`)
  await page.getByLabel('Slug').fill(slug)
  await page.getByRole('radio', { name: 'Another address' }).check()
  await page.getByLabel('Base URL').fill(upstream(baseURL))
  await page.getByRole('radio', { name: 'Connect later' }).check()
  await page.getByRole('button', { name: `Import ${OPERATIONS} operations` }).click()
  await page.waitForURL(`**/integrations/${slug}*`)
  await expect(page.getByText('You have no connection here')).toBeVisible()
  await expect(page.getByRole('link', { name: 'All', exact: true })).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('main')).toContainText(OPERATIONS)
}

async function connectGitHub(page: Page, slug: string) {
  await page.getByRole('link', { name: 'Add a connection' }).click()
  await page.getByRole('button', { name: 'Save and test' }).click()
  await expect(page.getByRole('alert').getByRole('link', { name: 'Fill in Token.' })).toBeVisible()

  await page.getByLabel('Token', { exact: true }).fill('ghp_e2e')
  await page.getByRole('button', { name: 'Save and test' }).click()
  await expect(page.getByText('The connection is saved.')).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`${slug}@main`)
  await expect(page.getByText('tested just now')).toBeVisible()
  await expect(page.getByText('ghp_e2e')).toHaveCount(0)
}

async function blockTool(page: Page, slug: string) {
  await page.goto(`/tools?integration=${slug}`)
  await page.getByLabel('What should the tool do?').fill('create an issue')
  await page.getByRole('button', { name: 'Search' }).click()
  await page.getByRole('link', { name: `${slug}.issues.create`, exact: true }).click()
  await expect(page.getByText('No policy covers this tool')).toBeVisible()
  await page.getByRole('button', { name: 'Block' }).click()
  await expect(page.getByText('The rule for this tool is in force.')).toBeVisible()
  await expect(page.getByText(`The policy ${slug}.issues.create blocks this tool.`)).toBeVisible()
}

async function removeEverything(page: Page, slug: string) {
  await page.goto('/policies')
  await page.getByRole('link', { name: `${slug}.issues.create` }).click()
  await page.getByText('Remove this rule').click()
  await page.getByRole('button', { name: 'Remove rule' }).click()
  await expect(page.getByText('The rule is gone.')).toBeVisible()

  await page.goto(`/integrations/${slug}`)
  await page.getByText('Remove this integration').click()
  await page.getByRole('button', { name: `Remove ${slug}` }).click()
  await expect(page.getByText('The integration is gone')).toBeVisible()
  await expect(page.getByText(`GitHub for ${slug}`)).toHaveCount(0)
}

for (const javaScriptEnabled of [true, false]) {
  const way = javaScriptEnabled ? 'with' : 'without'

  test.describe(`${way} JavaScript`, () => {
    test.use({ javaScriptEnabled })

    test('an admin adds GitHub, connects it and blocks a tool, and the agent no longer sees it', async ({
      page,
      baseURL,
    }, { project }) => {
      const slug = `github_${project.name}_${way}`
      const search = () => callAsAgent(String(baseURL), 'search', { query: 'create an issue', integration: slug })
      await signIn(page, '/integrations')
      await addGitHub(page, slug, baseURL)
      await connectGitHub(page, slug)
      expect(await search()).toContain(`${slug}.issues.create [`)
      await blockTool(page, slug)
      const found = await search()
      expect(found).toContain(`${slug}.issues.createComment [`)
      expect(found).not.toContain(`${slug}.issues.create [`)
      await removeEverything(page, slug)
    })

    test('a document that is none is refused with what was found, and the address stays', async ({ page, baseURL }) => {
      await signIn(page, '/integrations/new')
      // The console itself, which signs nobody in who only wants a document.
      await page.getByLabel('Address or document').fill(`${baseURL}/docs`)
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByRole('alert')).toContainText('The document could not be read')
      await expect(page.getByRole('alert')).toContainText(/download it .* and upload the file/i)
      await expect(page.getByRole('link', { name: 'Connect first: MCP server' })).toBeVisible()
      await expect(page.getByLabel('Address or document')).toHaveValue(`${baseURL}/docs`)
      await page.getByLabel('Address or document').fill('{ "hello": "world" }')
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByRole('alert')).toContainText('OpenAPI')
    })

    test('a pattern is previewed, and one that matches nothing names the nearest', async ({ page }) => {
      await signIn(page, '/policies')
      await page.getByLabel('Pattern').fill('northwind.*')
      await page.getByRole('button', { name: 'Preview' }).click()
      await expect(page.getByText(/^Matches \d+ tools\.$/)).toBeVisible()
      await page.getByLabel('Pattern').fill('northwnd.*')
      await page.getByRole('button', { name: 'Preview' }).click()
      await page.getByRole('link', { name: 'Use northwind.*' }).click()
      await expect(page.getByLabel('Pattern')).toHaveValue('northwind.*')
    })

    test('a member sees what there is, and may not change what everyone uses', async ({ page }) => {
      await signIn(page, '/integrations', MEMBER)
      await expect(page.getByRole('link', { name: 'Add an integration' })).toHaveCount(0)
      await page.goto('/integrations/new')
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Not allowed')
      await page.goto('/policies')
      await expect(page.getByRole('button', { name: 'Add rule' })).toHaveCount(0)
      await page.goto('/connections/new?integration=northwind')
      await expect(page.getByRole('radio', { name: /^Everyone/ })).toBeDisabled()
    })

    test('every page is one or two taps away, and so is the way out', async ({ page }, { project }) => {
      await signIn(page, '/')
      if (project.name === 'phone') await page.getByText('Menu', { exact: true }).click()
      await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Policies' }).click()
      await expect(page.getByRole('heading', { level: 1 })).toHaveText('Policies')
      await page
        .getByText(project.name === 'phone' ? 'Menu' : 'admin@example.com', { exact: true })
        .first()
        .click()
      await expect(page.getByText('person:admin@example.com').filter({ visible: true })).toBeVisible()
      await page.getByRole('link', { name: 'Sign out' }).click()
      await page.goto('/policies')
      await expect(page.getByRole('button', { name: 'admin@example.com' })).toBeVisible()
    })
  })
}
