import { describe, expect, it } from 'vitest'
import { compileGlob } from '../../src/mapping/glob.ts'

describe('a glob', () => {
  it.each([
    ['app.views', ['app.views'], ['app.view', 'app.views.x', 'xapp.views', '']],
    ['app.*.views', ['app.web.views', 'app..views'], ['app.views', 'app.a.b.views', 'app.web.viewsx']],
    ['app.w*b.*', ['app.web.x', 'app.wb.'], ['app.w.b.x', 'app.web']],
    ['**', ['', 'a', 'a.b.c'], []],
    ['*', ['', 'a'], ['a.b']],
    ['app.**', ['app.', 'app.a.b'], ['app', 'xapp.a']],
    ['**.views', ['.views', 'a.b.views'], ['views', 'a.viewsx']],
    ['a.**.b.*', ['a.b.b.c', 'a.x.y.b.z', 'a..b.b.b.b'], ['a.b.c', 'a.x.b.c.d']],
    ['a+b(c)', ['a+b(c)'], ['aab(c)']],
    ['**ab**ab', ['abab', 'xabxxabab'], ['ab', 'abxx']],
  ])('%s matches whole names', (glob, yes, no) => {
    const { match } = compileGlob(glob)
    expect(yes.filter((name) => match(name) === undefined)).toEqual([])
    expect(no.filter((name) => match(name) !== undefined)).toEqual([])
  })

  it('captures parts, each as long as it can be', () => {
    const { captures, match } = compileGlob('app.*.<what>_<unit>.**.<last>')
    expect(captures).toEqual(['what', 'unit', 'last'])
    expect(match('app.web.a_b_ms.x.y.z')).toEqual({ what: 'a_b', unit: 'ms', last: 'z' })
    expect(match('app.web._ms.x.z')).toBeUndefined()
    expect(compileGlob('<a>').match('one.two')).toBeUndefined()
  })

  it('agrees with a regular expression on short names', () => {
    const [letters, pieces] = [
      ['a', 'b', '.'],
      ['a', '.', '*', '**', '<c>'],
    ]
    const words = (from: readonly string[], length: number): string[] =>
      length === 0 ? [''] : words(from, length - 1).flatMap((word) => from.map((each) => word + each))
    const names = [0, 1, 2, 3, 4].flatMap((length) => words(letters, length))
    for (const glob of words(pieces, 3)) {
      const source = glob.replace(
        /\*\*|[*.]|<c>/g,
        (each) => ({ '**': '.*', '*': '[^.]*', '.': '\\.' })[each] ?? '[^.]+',
      )
      const { match } = compileGlob(glob)
      const wrong = names.filter((name) => new RegExp(`^${source}$`).test(name) !== (match(name) !== undefined))
      expect(wrong, glob).toEqual([])
    }
  })

  it('takes no longer for a hostile name', () => {
    // A backtracking matcher would not end.
    const { match } = compileGlob('**a*a*a*a*a*a*a*a**a**a**c**b')
    expect(match(`${'a'.repeat(5_000)}`)).toBeUndefined()
    expect(match(`${'a'.repeat(5_000)}b`)).toBeUndefined()
  })
})
