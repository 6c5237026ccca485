import { bootstrap } from './bootstrap.mjs'

await bootstrap('deploy-setup.ts')
