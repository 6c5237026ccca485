import { bootstrap } from './bootstrap.mjs'

await bootstrap('access-link.ts')
