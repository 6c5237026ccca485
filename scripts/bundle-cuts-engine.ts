// What surrounds QuickJS, and what checks the tokens of Access.
import type { Cut } from './bundle-cuts.ts'

const SCRIPT = '@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.cloudflare.cjs'

/** As server/sandbox/interpreter.ts calls them. */
const EXPORTS = `
  ArgvGetJSValueConstPointer Call DupValuePointer Eval ExecutePendingJob FreeCString FreeValuePointer
  FreeValuePointerRuntime GetArrayBuffer GetArrayBufferLength GetFalse GetNull GetProp GetString GetTrue GetUndefined
  IsEqual IsJobPending NewArrayBuffer NewContext NewError NewFloat64 NewFunction NewObject NewRuntime NewString
  PromiseResult PromiseState ResolveException RuntimeEnableInterruptHandler RuntimeSetMaxStackSize SetProp Throw Typeof`
  .trim()
  .split(/\s+/)
  .join('|')

const ENGINE_SCRIPT: Cut = {
  why: 'The script around QuickJS fetches the module, runs what others hang into its start, and names exports. The sandbox gives it the module and the memory (engine.ts), and calls half of the exports (interpreter.ts).',
  saves: 1,
  edit: {
    [SCRIPT]: [
      [/function n\(a\)\{[\s\S]*?(?=var r=)/, ''],
      [/(?<=var r="\.\/this\.program"),t="",u;[\s\S]*?(?=var v=)/, ';'],
      [/async function aa\(a\)\{[\s\S]*?(?=class L\{)/, ''],
      [/\bM=a=>\{[\s\S]*?(?=P=!0,q,)/, ''],
      [/c\.noExitRuntime&&[\s\S]*?(?=c\.cwrap=)/, ''],
      [new RegExp(`\\bc\\._QTS_(?!(?:${EXPORTS})=)\\w+=\\s*b\\.\\s*[\\w$]+;`, 'g'), ''],
      [
        /K\?\?=c\.locateFile[\s\S]*?(?=\}\(\)\);)/,
        'throw Error("The engine is given its module (scripts/bundle-cuts.ts).")',
      ],
      [/\(function\(\)\{function a\(\)\{c\.calledRun=[\s\S]*?(?=;return moduleRtn)/, 'Z.u();moduleRtn=c\n'],
    ],
  },
}

const TOKENS: Cut = {
  why: 'The tokens of Access are signed by RS256, and others are refused before their key is looked for (verify.ts). The key is one of a JWKS, imported, and spans of time are numbers.',
  saves: 1.4,
  leaveOutFunctions: { 'jose/dist/webapi/lib/jwt_claims_set.js': ['secs'] },
  edit: {
    'jose/dist/webapi/lib/jws_algorithms.js': [
      [/(?<=const JWS = table\(\{\n)[\s\S]*?(?=\n\}\);)/, '  RS256: rsa(256)'],
    ],
    'jose/dist/webapi/lib/key.js': [
      [
        /(?<=async function prepareKey\(entry, key, usage\) \{\n)[\s\S]*?(?=\n\}\nlet cache;)/,
        `  if (isCryptoKey(key) && key.type === "public" && usage === "verify") return key;
  throw new TypeError("Only imported public keys are in the bundle (scripts/bundle-cuts.ts).");`,
      ],
    ],
  },
  refuse:
    /\b(?:maxTokenAge|importJWK|importSPKI|importX509|CompactSign|SignJWT|compactVerify|EncryptJWT|jwtDecrypt)\b|\bclockTolerance: ['"]|\bfrom 'jose'[\s\S]*\balgorithms: \[(?!'RS256'\])/,
}

export const ENGINE_CUTS: readonly Cut[] = [ENGINE_SCRIPT, TOKENS]
