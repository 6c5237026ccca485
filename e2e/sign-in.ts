import { expect, type Page } from '@playwright/test'
import { ADMIN, type Identity } from './local-access/identities.ts'

/** Opens an address of the console as this person: through the login of the local Access, back to the address. */
export async function signIn(page: Page, address: string, { email }: Identity = ADMIN): Promise<void> {
  await page.goto(address)
  await page.getByRole('button', { name: email }).click()
  await expect(page.getByRole('main')).toBeVisible()
  expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(address)
}
