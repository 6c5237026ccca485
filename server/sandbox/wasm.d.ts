// The metered module: scripts/metered-quickjs.ts makes it, vite.config.ts gives it this name.
declare module 'executor:sandbox.wasm' {
  const module: WebAssembly.Module
  export default module
}

declare module '*/quickjs.wasm' {
  const module: WebAssembly.Module
  export default module
}
