import { expect, test } from 'vitest'
import { createEngine } from './engine.ts'
import { meterWasm } from './meter.ts'

// (module (memory 0) (func (export "spin") (loop (br 0))))
const SPIN = Uint8Array.from(
  [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    [1, 4, 1, 0x60, 0, 0],
    [3, 2, 1, 0],
    [5, 3, 1, 0, 0],
    [6, 1, 0],
    [7, 8, 1, 4, 0x73, 0x70, 0x69, 0x6e, 0, 0],
    [10, 9, 1, 7, 0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b],
  ].flat(),
)

test('an endless loop traps when its fuel is used up, and not one turn later', () => {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(meterWasm(SPIN)))
  const { fuel, spin } = instance.exports
  if (!(fuel instanceof WebAssembly.Global) || typeof spin !== 'function') throw new Error('not exported')
  fuel.value = 1000
  expect(() => spin()).toThrow(WebAssembly.RuntimeError)
  expect(fuel.value).toBe(-1)
})

test('an instruction that is not known is refused, not skipped', () => {
  const unknown = Uint8Array.from(SPIN)
  unknown[SPIN.length - 4] = 0xfd
  expect(() => meterWasm(unknown)).toThrow('Cannot rewrite this module: instruction 0xfd is not known.')
})

test('a module that ends in the middle is refused', () => {
  expect(() => meterWasm(SPIN.subarray(0, SPIN.length - 4))).toThrow('Cannot rewrite this module')
})

test('an engine without a fuel gauge refuses to run', () => {
  expect(() => createEngine(new WebAssembly.Module(SPIN))).toThrow('The sandbox refuses to run')
})
