import { execFile } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, type BuildResult, build as esbuild } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { build, packInto } from '../packages.ts'
import { codeBlocksOf } from './code-blocks.ts'

// Tests the packages as a user gets them: the tarballs in an empty project outside this workspace.

const root = join(import.meta.dirname, '..', '..')
/** Compilers that users may have, besides the workspace's own. */
const COMPILERS = ['5.9', '6.0']
const run = promisify(execFile)

describe('packed packages', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kairos-packed-'))
  const project = join(folder, 'project')
  const example = codeBlocksOf('README.md').find(({ language }) => language === 'ts')!.code

  beforeAll(async () => {
    for (const { ok, output } of [await build(), await packInto(folder)]) if (!ok) throw new Error(output)
    mkdirSync(project)
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    writeFileSync(join(project, 'package.json'), '{ "private": true }')
    await run(
      'npm',
      [
        ...['install', '--cache', join(root, '.tools', 'npm-cache'), '--prefer-offline', '--no-audit', '--no-fund'],
        ...globSync('kairos-*.tgz', { cwd: folder }).map((name) => join(folder, name)),
        ...['kysely', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`),
        'jest',
        ...COMPILERS.map((version) => `typescript-${version}@npm:typescript@${version}`),
      ],
      { cwd: project, shell: process.platform === 'win32' },
    )
  }, 600_000)
  afterAll(() => rmSync(folder, { recursive: true }))

  it("run the README's example as an ES module", async () => {
    const { stdout } = await runFile('example.mjs', example)
    expect(stdout).toMatch(/^Map\(1\) {\s*\d+ => 2\s*}/)
  })

  it('serve the page, with its script', async () => {
    const { stdout } = await runFile(
      'serve.mjs',
      `import { createServer } from '@kairos/server'
      const views = { type: 'count', intervals: { minute: { step: '1min', steps: 60 } } }
      const server = await createServer({ stores: { live: 'memory:' }, timeseries: { views }, server: { port: 0 } }).start()
      for (const path of ['/', '/page.js', '/page.css']) console.log((await fetch(server.url + path)).status)
      await server.stop()`,
    )
    expect(stdout).toBe('200\n200\n200\n')
  })

  it("run the README's example by require", async () => {
    const { stdout } = await runFile('example.cjs', asCommonJs(example))
    expect(stdout).toMatch(/^Map\(1\) {\s*\d+ => 2\s*}/)
  })

  it('run the kairos command, on SQLite, with nothing else installed', async () => {
    const own = mkdtempSync(join(project, 'run-'))
    const { bin } = JSON.parse(readFileSync(join(project, 'node_modules', '@kairos', 'cli', 'package.json'), 'utf8'))
    const command = join(project, 'node_modules', '@kairos', 'cli', bin.kairos)
    const kairos = async (line: string): Promise<string> =>
      (await run(process.execPath, [command, ...line.split(' ')], { cwd: own })).stdout
    await kairos('init --yes')
    expect(await kairos('insert home 3')).toBe('{"stored":3,"expired":0}\n')
    expect(await kairos('plot home --kind bar --interval day --width 40')).toMatch(/█ 3\n$/)
  })

  it('contain what their manifests and READMEs say', () => {
    for (const file of globSync('packages/*/package.json', { cwd: root })) {
      const { name, files } = JSON.parse(readFileSync(join(root, file), 'utf8')) as { name: string; files: string[] }
      const expected = [...files.filter((entry) => !entry.startsWith('!')), 'LICENSE']
      expect(readdirSync(join(project, 'node_modules', name)), name).toEqual(expect.arrayContaining(expected))
    }
  })

  describe.each(['typescript', ...COMPILERS.map((version) => `typescript-${version}`)])('with %s', (compiler) => {
    it.each([
      ['nodenext', 'nodenext'],
      ['esnext', 'bundler'],
    ])('type-check in a project of module %s that checks its libraries too', async (module, moduleResolution) => {
      const names = globSync('packages/*/package.json', { cwd: root }).map(
        (file) => `@kairos/${basename(dirname(file))}`,
      )
      const imports = names.map(
        (name, index) => `import * as package${index} from '${name}'\nconsole.log(package${index})\n`,
      )
      writeFileSync(join(project, 'example.mts'), example + imports.join(''))
      const language = { module, moduleResolution, target: 'es2023', lib: ['es2023'], types: ['node'] }
      const compilerOptions = { ...language, strict: true, skipLibCheck: false, noEmit: true }
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.mts'] }))
      const tsc = join(project, 'node_modules', compiler, 'bin', 'tsc')
      const { stdout } = await run(process.execPath, [tsc, '-p', project], { cwd: project }).catch((error) => error)
      expect(stdout).toBe('')
    })
  })

  it('are bundled with the driver that the code names, and run where nothing is installed', async () => {
    const [, code] = codeBlocksOf('docs/guide/installing.md').filter(({ language }) => ['js', 'ts'].includes(language))
    const { outputFiles } = await bundle({
      stdin: { contents: `${code!.code}\nconsole.log('done')`, resolveDir: project },
      platform: 'node',
    })
    const elsewhere = mkdtempSync(join(tmpdir(), 'kairos-bundle-'))
    writeFileSync(join(elsewhere, 'bundle.mjs'), outputFiles![0]!.text)
    const { stdout } = await run(process.execPath, [join(elsewhere, 'bundle.mjs')], { cwd: elsewhere })
    rmSync(elsewhere, { recursive: true })
    expect(stdout).toBe('done\n')
  })

  it('go into a browser without a module of Node', async () => {
    const contents = `import { bucketing, createTimeseries } from '@kairos/core'
      const views = createTimeseries('memory:', { type: 'count', intervals: { day: { step: 'daily' } } })
      await views.insert('home', 3, { timestamp: 1709210220 })
      globalThis.found = [bucketing('daily').toBucket(1709210220), [...await views.get('home', 'day', { timestamp: 1709210220 })]]`
    // Fails if a module of Node is imported, on any path.
    const { outputFiles } = await bundle({ stdin: { contents, resolveDir: project }, platform: 'browser' })
    const file = join(project, 'browser.mjs')
    writeFileSync(file, `${outputFiles![0]!.text}\nconsole.log(JSON.stringify(globalThis.found))`)
    // Node stands in for the browser: imports of its modules have failed above.
    const found = JSON.parse((await run(process.execPath, [file], { cwd: project })).stdout)
    expect(found).toEqual([20240229, [[1709164800, 3]]])
  })

  it('run in Jest, with a faked clock', async () => {
    const own = mkdtempSync(join(project, 'jest-'))
    writeFileSync(join(own, 'jest.config.json'), '{ "testMatch": ["**/*.test.mjs"], "transform": {} }')
    writeFileSync(
      join(own, 'clock.test.mjs'),
      `import { jest } from '@jest/globals'
      import { createTimeseries } from '@kairos/core'
      test('counts in the faked day', async () => {
        jest.useFakeTimers({ now: Date.UTC(2024, 1, 29), doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] })
        const views = createTimeseries('memory:', { type: 'count', intervals: { day: { step: 'daily' } } })
        await views.insert('home')
        expect([...(await views.get('home', 'day')).keys()]).toEqual([1709164800])
      })`,
    )
    const jest = join(project, 'node_modules', 'jest', 'bin', 'jest.js')
    const { stderr } = await run(process.execPath, ['--experimental-vm-modules', jest, '--ci'], { cwd: own })
    expect(stderr).toContain('1 passed, 1 total')
  })

  it.each(['nodenext', 'node20'])('type-check in a CommonJS file with module %s', async (module) => {
    writeFileSync(
      join(project, 'example.cts'),
      `import { createTimeseries } from '@kairos/core'\nvoid createTimeseries\n`,
    )
    const compilerOptions = { module, target: 'es2023', lib: ['es2023'], types: ['node'], strict: true, noEmit: true }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['example.cts'] }))
    for (const compiler of ['typescript', ...COMPILERS.map((version) => `typescript-${version}`)]) {
      const tsc = join(project, 'node_modules', compiler, 'bin', 'tsc')
      const { stdout } = await run(process.execPath, [tsc, '-p', project], { cwd: project }).catch((error) => error)
      expect(stdout, compiler).toBe('')
    }
  })

  it('name the package that a URL needs and that is not installed', async () => {
    const code = `import { createTimeseries } from '@kairos/core'
      const views = createTimeseries('nowhere://here', { type: 'count', intervals: { minute: { step: 60 } } })
      await views.open().catch((error) => console.log(error.code, error.message))`
    const { stdout } = await runFile('missing.mjs', code)
    expect(stdout).toContain('KAIROS_DRIVER_MISSING')
    expect(stdout).toContain('kairos-driver-nowhere, which is not installed')
  })

  it('lead from an empty folder to a driver that passes the kit, by the guide', { timeout: 900_000 }, async () => {
    const driver = join(project, 'kairos-driver-jsonfiles')
    for (const { language, flags, code } of codeBlocksOf('docs/writing-a-driver.md')) {
      const [file] = flags
      if (!['typescript', 'json'].includes(language) || file === undefined) continue
      mkdirSync(dirname(join(driver, file)), { recursive: true })
      writeFileSync(join(driver, file), code)
    }
    // A test runner must hide itself from another that it starts, or node:test reports to the first.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const tests = ['--test', '--test-reporter=tap', 'test/conformance.ts']
    const { stdout } = await run(process.execPath, tests, { cwd: driver, env, maxBuffer: 1e8 }).catch((error) => error)
    expect(/^# fail (\d+)$/m.exec(stdout)?.[1], stdout.slice(-5_000)).toBe('0')
    expect(Number(/^# pass (\d+)$/m.exec(stdout)?.[1])).toBeGreaterThan(300)

    await run(process.execPath, [join(project, 'node_modules', 'typescript', 'bin', 'tsc')], { cwd: driver })
    symlinkSync(driver, join(project, 'node_modules', 'kairos-driver-jsonfiles'), 'junction')
    const code = `import { createTimeseries } from '@kairos/core'
      const views = createTimeseries('jsonfiles:data', { type: 'count', intervals: { day: { step: 'daily' } } })
      await views.insert('home')
      console.log(await views.list())`
    expect((await runFile('jsonfiles.mjs', code)).stdout).toBe("[ 'home' ]\n")
  })

  /** Runs a file in a separate folder, so that examples do not share files. */
  function runFile(name: string, code: string): Promise<{ stdout: string }> {
    const own = mkdtempSync(join(project, 'run-'))
    writeFileSync(join(own, name), code)
    return run(process.execPath, [join(own, name)], { cwd: own })
  }
})

function asCommonJs(code: string): string {
  const required = code.replace(/^import (\{.*\}) from ('.*')$/gm, 'const $1 = require($2)')
  return `;(async () => {\n${required}\n})()\n`
}

function bundle(options: BuildOptions): Promise<BuildResult> {
  return esbuild({ ...options, bundle: true, format: 'esm', write: false, logLevel: 'silent' })
}
