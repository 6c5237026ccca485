import { bootstrap } from './bootstrap.mjs'

await bootstrap('secrets-rotate.ts')
