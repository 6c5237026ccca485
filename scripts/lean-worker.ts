// What makes the Worker's bundle smaller than its packages are (docs/decisions/0011-the-bundle-is-cut.md).
import type { Plugin } from 'vite'
import { bundleCuts } from './bundle-cuts-plugin.ts'
import { CUTS } from './bundle-cuts.ts'
import { shareMcpCore } from './bundle-share.ts'
import {
  fewSchemas,
  inlineSucraseEnums,
  oneByteBundle,
  pureDeclarations,
  smallKeywordTable,
  smallPrelude,
} from './bundle-rewrites.ts'

/** As our pages and React Router's modules call them. On the server React has functions that do nothing in their place. */
const EFFECTS = ['useEffect', 'useLayoutEffect', 'React$1.useEffect', 'React$1.useLayoutEffect']

/** For the build of the Worker alone: the environment `ssr`. */
export function leanWorker(cuts = CUTS): Plugin[] {
  return [
    {
      name: 'executor:lean-worker',
      config: () => ({
        // Of its ES modules a bundler drops what is not used.
        resolve: { alias: [{ find: /^sucrase\/dist\/(.*)$/, replacement: 'sucrase/dist/esm/$1' }] },
        environments: {
          ssr: {
            build: {
              rolldownOptions: {
                treeshake: { manualPureFunctions: EFFECTS },
                // Also those that are longer than their names: they repeat (0.6).
                optimization: { inlineConst: { mode: 'all' } },
              },
            },
          },
        },
      }),
    },
    shareMcpCore(),
    bundleCuts(cuts),
    inlineSucraseEnums(),
    smallKeywordTable(),
    smallPrelude(),
    pureDeclarations(),
    fewSchemas(),
    oneByteBundle(),
  ]
}
