// The browser for the journeys: the one named, Playwright's own, one that is installed, or one installed now.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const APPLICATIONS = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]
const INSTALL_MS = 300_000

/** The path of a browser that is there, or undefined. A CHROMIUM_PATH that is not there is an error, not a hint. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM_PATH) {
    if (existsSync(env.CHROMIUM_PATH)) return env.CHROMIUM_PATH
    throw new Error(`CHROMIUM_PATH names ${env.CHROMIUM_PATH}, and there is nothing.`)
  }
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin']
  const installed = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [chromium.executablePath(), ...installed, ...APPLICATIONS].find((path) => existsSync(path))
}

function attempt(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'inherit', timeout: INSTALL_MS })
    return true
  } catch {
    return false
  }
}

/** Finds a browser or installs one: Playwright's own where it can be downloaded, else Debian's. */
export function ensureChromium(): string {
  const found = findChromium()
  if (found) return found
  console.log('There is no Chromium here: installing one with playwright install chromium …')
  attempt('playwright', ['install', 'chromium'])
  const downloaded = findChromium()
  if (downloaded) return downloaded
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('It could not be downloaded: installing Debian’s with apt-get install chromium …')
    attempt('apt-get', ['update', '-qq'])
    attempt('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
    const packaged = findChromium()
    if (packaged) return packaged
  }
  throw new Error('No Chromium was found, and none could be installed. Install one, or name it in CHROMIUM_PATH.')
}
