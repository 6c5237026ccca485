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
  saves: 3.0,
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
  refuse: /\bPrefetchPageLinks\b/,
}

const ROUTER_OPTIONS: Cut = {
  why: 'What React Router does for builds that ours is none of: pages made in advance, styles in development, routes that are loaded when they are asked for, view transitions, server components.',
  saves: 1.7,
  edit: {
    [`${ROUTER_DIST}/lib/router/router.js`]: [
      [/(?<=^function getDataStrategyMatchLazyPromises\(.*\) \{)[\s\S]*?(?=^\})/m, 'return {}'],
      [/\t+await loadLazyMiddlewareForMatches\(.*\n/g, ''],
      [
        /if \(lazyHandlerPromise \|\| lazyRoutePromise\) if \(handler\) \{[\s\S]*?\n\t\telse (?=if \(!handler\) \{)/,
        '',
      ],
      [/isStaticHandler \? (?=\(\) => \{\n\t\tthrow)([\s\S]*?\n\t\}) : \(cb\) => \{[\s\S]*?\n\t\};/, '$1;'],
      [/\tif \(future\.unstable_routePatternMatching\) \{[\s\S]*?\n\t\}\n/, ''],
    ],
    [`${ROUTER_DIST}/lib/server-runtime/server.js`]: [
      [
        /(?<=\t\tif \(!build\.ssr\) )\{[\s\S]*?\n\t\t\}(?=\n\t\tlet manifestUrl)/,
        'throw new Error("Builds without a server are not in the bundle (scripts/bundle-cuts-react.ts).");',
      ],
      [/if \(build\.unstable_getCriticalCss\)[\s\S]*?\n\t\t\telse if .*\n/, ''],
      [/\t\t\tif \(mode === "development"\).*\n/, ''],
      [/(?<=let isSpaMode = )getBuildTimeHeader\(.*(?=;\n)/, 'false'],
      [/\t\tif \(requestHandlerInstrumentations\?\.length\) loadContext\.set\([\s\S]*?\n\t\t\}\);\n/, ''],
    ],
    [`${ROUTER_DIST}/lib/dom/ssr/components.js`]: [
      [/typeof criticalCss === "string" \? [\s\S]*?\}\) : null, (?=keyedLinks)/, ''],
      [/useIsRSCRouterContext\(\)/, 'false'],
      [/(?<=^function usePrefetchBehavior\(.*\) \{)[\s\S]*?(?=^\})/m, 'return [prefetch === "render", null, {}]'],
    ],
    [`${ROUTER_DIST}/lib/dom/lib.js`]: [
      [/(?<=^function useViewTransitionState\(.*\) \{)[\s\S]*?(?=^\})/m, 'return false'],
    ],
    [`${ROUTER_DIST}/lib/context.js`]: [[/^\w+\.displayName = .*;$/gm, '']],
  },
  refuse: /\buseViewTransitionState\b|\bunstable_getCriticalCss\b/,
}

const REACT_DOM: Cut = {
  why: 'React renders pages in advance and goes on with them later, preloads what code asks it to, keeps states of actions, and tells which components an error came through. We render to a stream and ask for none of it.',
  saves: 4.6,
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

const REACT_ELEMENTS: Cut = {
  why: 'Of elements and options, those that our pages do not use: images, which React preloads, functions as actions of forms, stylesheets in an order, lists of suspended parts, view transitions, and scripts that are handed to the renderer.',
  saves: 4.5,
  leaveOutFunctions: {
    [REACT_SERVER]: [
      'getCustomFormFields',
      'injectFormReplayingRuntime',
      'getPreloadAsHeader',
      'getViewTransitionClassName',
    ],
  },
  edit: {
    [REACT_SERVER]: [
      [
        /(?<=case "img":\n)[\s\S]*?(?= {6}return pushSelfClosing\(target\$jscomp\$0, props, "img", formatContext\);)/,
        '',
      ],
      [
        /"string" !== typeof precedence \|\|\s+null != props\.disabled \|\|\s+props\.onLoad \|\|\s+props\.onError(?=\n)/,
        'true',
      ],
      [
        /(?<=noscriptTagInScope\$jscomp\$2 \|\|\s+null != props\.itemProp \|\|\s+)"string" !== typeof precedence\$jscomp\$0(?= \|\|)/,
        'true',
      ],
      [
        /(?<="function" === typeof formAction(?:\$jscomp\$1)?\) \{)\s+var customFields[\s\S]*?injectFormReplayingRuntime\(resumableState, renderState\)\);(?=\s+\})/g,
        'leftOut("a function as an action");',
      ],
      [/(?<=^function pushViewTransitionAttributes\(target, formatContext\) \{)[\s\S]*?(?=^\})/m, ''],
      [/(?<=requiresViewTransitions = )0 !== \(completedSegments\.instructions & 128\)/, 'false'],
      [/(?<=requiresStyleInsertion = )request\.stylesToHoist/, 'false'],
      [
        /(?<= case REACT_ACTIVITY_TYPE:\n)(?= +var segment)[\s\S]*?(?= {6}case REACT_SCOPE_TYPE:)/,
        'case REACT_SUSPENSE_LIST_TYPE:\ncase REACT_VIEW_TRANSITION_TYPE:\nleftOut(type);\n',
      ],
      [/\brenderState\.headers\b(?! = )/g, 'null'],
      // A row is of a list; what is replayed goes on later.
      [/\b(?:task|boundary(?:\$\w+)*)\.row\b(?! = )/g, 'null'],
      [
        /(?<=if \(null === segment\)\n) +a: \{\n +if \(0 !== task\.replay\.pendingTasks\)[\s\S]*?(?=\n {8}else\n)/,
        '{ var request$jscomp$0; leftOut("replay") }',
      ],
      [
        /(?<= (?:completeBoundaryUpgradeToViewTransitionsInstruction|completeBoundaryWithStylesScript1FullPartial|formReplayingRuntimeScript) = )stringTo(?:Precomputed)?Chunk\(\n.*\n {2}\)/g,
        'null',
      ],
      [/ {2}if \(void 0 !== bootstrapScripts\)\n[\s\S]*?bootstrapChunks\.push\(endAsyncScript\);\n(?= {2}return )/, ''],
      [/ {2}void 0 !== bootstrapScriptContent &&\n[\s\S]*?\)\);\n(?= {2}bootstrapScriptContent = \[\];)/, ''],
      [/ {2}void 0 !== importMap &&\n[\s\S]*?\n(?= {2}importMap = onHeaders)/, ''],
    ],
  },
  refuse: /<img\b|\b(?:bootstrap(?:Scripts|Modules|ScriptContent)|importMap|SuspenseList)\b/,
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

export const REACT_CUTS: readonly Cut[] = [
  ROUTER,
  ROUTER_BROWSER,
  ROUTER_OPTIONS,
  REACT_DOM,
  REACT_ELEMENTS,
  REACT,
  JSX,
]
