import { expect, test } from 'vitest'
import { closeExports } from './close-exports.ts'
import { makeSandboxWasm } from './sandbox-wasm.ts'

// (module
//   (table funcref (elem $in_table))
//   (func $shared (result i32) (i32.const 1))
//   (func $only_a (result i32) (i32.const 2))
//   (func $in_table (result i32) (call $only_in_table))
//   (func $only_in_table (result i32) (i32.const 3))
//   (func (export "a") (result i32) (i32.add (call $shared) (call $only_a)))
//   (func (export "b") (result i32) (i32.add (call $shared) (call_indirect (result i32) (i32.const 0)))))
const MODULE = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 5, 1, 0x60, 0, 1, 0x7f],
    [3, 7, 6, 0, 0, 0, 0, 0, 0],
    [4, 4, 1, 0x70, 0, 1],
    [7, 9, 2, 1, 0x61, 0, 4, 1, 0x62, 0, 5],
    [9, 7, 1, 0, 0x41, 0, 0x0b, 1, 2],
    [10, 40, 6],
    [4, 0, 0x41, 1, 0x0b],
    [4, 0, 0x41, 2, 0x0b],
    [4, 0, 0x10, 3, 0x0b],
    [4, 0, 0x41, 3, 0x0b],
    [7, 0, 0x10, 0, 0x10, 1, 0x6a, 0x0b],
    [10, 0, 0x10, 0, 0x41, 0, 0x11, 0, 0, 0x6a, 0x0b],
  ].flat(),
)

function exportsOf(bytes: Uint8Array<ArrayBuffer>): Record<'a' | 'b', () => number> {
  const { a, b } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports
  if (typeof a !== 'function' || typeof b !== 'function') throw new Error('not exported')
  return { a: () => Number(a()), b: () => Number(b()) }
}

test('a closed export traps, and others do what they did, through the table too', () => {
  expect(exportsOf(MODULE).a()).toBe(3)
  const closed = closeExports(MODULE, ['a'])
  expect(exportsOf(closed).b()).toBe(4)
  expect(() => exportsOf(closed).a()).toThrow(WebAssembly.RuntimeError)
  // `a` and `$only_a` are three bytes each; the rest is as it was.
  expect(closed.length).toBe(MODULE.length - 5)
})

test('what only a closed export needs is gone, and nothing else', () => {
  const closed = closeExports(MODULE, ['a', 'b'])
  expect(() => exportsOf(closed).b()).toThrow(WebAssembly.RuntimeError)
  // $shared, too; $in_table and $only_in_table stay, for who reads the table.
  expect(closed.length).toBe(MODULE.length - 5 - 1 - 7)
})

test('an export that is not there is no mistake of spelling that goes unseen', () => {
  expect(() => closeExports(MODULE, ['a', 'c'])).toThrow('not there: c')
})

test('a table that is written in another way is refused', () => {
  const other = Uint8Array.from(MODULE)
  other[MODULE.indexOf(9, 40) + 3] = 4
  expect(() => closeExports(other, ['a'])).toThrow('element segment 4 is not known')
})

test('the engine’s package must name what is called', () => {
  expect(() => makeSandboxWasm(MODULE, 'c._QTS_Eval=b.a')).toThrow('exports no QTS_NewFunction')
})
