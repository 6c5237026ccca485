// React, which renders pages in the Worker, and React Router.
import type { Cut } from './bundle-cuts.ts'

const REACT_SERVER = 'react-dom/cjs/react-dom-server.edge.production.js'
const ROUTER_DIST = 'react-router/dist/production'

const ROUTER: Cut = {
  why: 'React Router’s instrumentation, which we do not use, and its reading of loader data, which browsers do.',
  saves: 1.5,
  leaveOut: [`${ROUTER_DIST}/lib/router/instrumentation.js`, `${ROUTER_DIST}/vendor/turbo-stream-v2/unflatten.js`],
  // Names for developer tools, which also keep components in the bundle that nobody uses.
  edit: { [`${ROUTER_DIST}/lib/dom/lib.js`]: [[/^\w+\.displayName = .*;$/gm, '']] },
  refuse: /\binstrumentations\b/,
}

const ROUTER_BROWSER: Cut = {
  why: 'What React Router does when somebody clicks, submits or scrolls, its prefetching, and its server components, which we have none of.',
  saves: 3.8,
  leaveOutFunctions: {
    [`${ROUTER_DIST}/lib/dom/ssr/components.js`]: ['PrefetchPageLinks'],
    [`${ROUTER_DIST}/lib/dom/ssr/single-fetch.js`]: ['decodeViaTurboStream'],
    [`${ROUTER_DIST}/lib/hooks.js`]: ['RSCErrorHandler'],
    [`${ROUTER_DIST}/lib/router/router.js`]: ['runClientMiddlewarePipeline'],
  },
  leaveOutHandlers: {
    [`${ROUTER_DIST}/lib/dom/lib.js`]: ['useLinkClickHandler', 'useScrollRestoration', 'useSubmit'],
    [`${ROUTER_DIST}/lib/hooks.js`]: ['useNavigate'],
  },
  edit: {
    [`${ROUTER_DIST}/lib/router/router.js`]: [
      [
        /(?<=lazyHandlerPromise: void 0\n\t\};\n)\tif \(typeof route\.lazy === "function"\)[\s\S]*?(?=\n\}\nfunction isNonNullable)/,
        '\tthrow new Error("Lazy routes are not in the bundle (scripts/bundle-cuts.ts).");',
      ],
    ],
  },
  refuse: /\bPrefetchPageLinks\b/,
}

const REACT_DOM: Cut = {
  why: 'React renders pages in advance and goes on with them later, preloads what code asks it to, keeps states of actions, and tells which components an error came through. We render to a stream and ask for none of it.',
  saves: 5.7,
  leaveOutFunctions: {
    [REACT_SERVER]: [
      'describeComponentStackByType',
      'preconnect',
      'prefetchDNS',
      'preinitModuleScript',
      'preinitScript',
      'preinitStyle',
      'preload',
      'preloadModule',
      'renderSuspenseListRows',
      'useActionState',
      // For stylesheets with a precedence, which React orders.
      'flushStyleTagsLateForBoundary',
      'flushStylesInPreamble',
      'preloadLateStyle',
      'writeStyleResourceAttributeInJS',
      'writeStyleResourceDependenciesInJS',
      // For what goes on later.
      'abortRemainingReplayNodes',
      'createReplayTask',
      'resumeNode',
      'trackPostpone',
      'trackPostponedBoundary',
    ],
  },
  edit: {
    [REACT_SERVER]: [
      [/^exports\.(?:prerender|resume|resumeAndPrerender) = function[\s\S]*?^\};$/gm, ''],
      // Set by what was just left out, and in getPostponedState, which only that calls.
      [/\brequest\.trackedPostpones(?= [!=]== null|\.|\)|,|;)|(?<=null [!=]== )request\.trackedPostpones\b/g, 'null'],
      [/(?<= {4}if \()onHeaders(?=\) \{\n {6}var headers = renderState)/, 'false'],
      [/(?<=null [!=]== )task\.replay\b/g, 'null'],
    ],
  },
  refuse: /\b(?:componentStack|useActionState|onHeaders)\b|\bprecedence=|\bfrom ['"]react-dom['"]/,
}

const REACT_UNUSED = `
  Activity Profiler PureComponent StrictMode ViewTransition __COMPILER_RUNTIME addTransitionType cache cacheSignal
  cloneElement createRef lazy unstable_useCacheRefresh useActionState useDebugValue useDeferredValue useEffectEvent
  useImperativeHandle useInsertionEffect useOptimistic useReducer useTransition`
  .trim()
  .split(/\s+/)
  .join('|')

const REACT: Cut = {
  why: 'React’s exports that neither our pages nor React Router name.',
  saves: 0.6,
  edit: {
    'react/cjs/react.production.js': [
      [
        new RegExp(
          `^exports\\.(?:${REACT_UNUSED}) = (?:[^;{]*;|(?:function[^{]*)?\\{(?:\\}|\\n[\\s\\S]*?^\\});)\\n`,
          'gm',
        ),
        '',
      ],
    ],
  },
  refuse: new RegExp(
    `\\bimport \\{[^}]*\\b(?:${REACT_UNUSED})\\b[^}]*\\} from ['"]react['"]|\\bReact\\.(?:${REACT_UNUSED})\\b`,
  ),
}

const JSX: Cut = {
  why: 'Nothing is lost: as an import by name, every element of our pages names its function with one letter.',
  saves: 0.8,
  rewrite: {
    'react/jsx-runtime.js': `
      import runtime from './cjs/react-jsx-runtime.production.js'
      export const { Fragment, jsx, jsxs } = runtime`,
  },
}

export const REACT_CUTS: readonly Cut[] = [ROUTER, ROUTER_BROWSER, REACT_DOM, REACT, JSX]
