import { expect, test } from 'vitest'
import { findForm } from './html-form.ts'

test('a form is read with what a browser would send', () => {
  const html = `<form><input name="q" value="other"></form>
    <form method="post"><input type="hidden" name="import" value="imp_1"/>
    <input name="title" value="A &amp; B &#x27;quoted&#39;">
    <input type="radio" name="method" value="one"><input type="radio" name="method" checked="" value="two">
    <input type="checkbox" name="off" value="on"><input type="file" name="file">
    <input type="password" name="secret">
    <select name="where"><option value="header">h</option><option value="query" selected="">q</option></select>
    <select name="first"><option value="a">a</option></select>
    <textarea name="text">1 &lt; 2</textarea></form>`
  expect(findForm(html, 'import')).toEqual({
    values: {
      import: 'imp_1',
      title: "A & B 'quoted'",
      method: 'two',
      secret: '',
      where: 'query',
      first: 'a',
      text: '1 < 2',
    },
    secrets: ['secret'],
  })
  expect(findForm(html, 'absent')).toBeUndefined()
})
