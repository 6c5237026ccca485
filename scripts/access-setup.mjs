import { bootstrap } from './bootstrap.mjs'

await bootstrap('access-setup.ts')
