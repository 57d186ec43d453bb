import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { rolldown } from 'rolldown'

const source = join(import.meta.dirname, '../packages/server/page')

/** Makes the files of the server's page in a folder: one script, one style sheet, and the page itself. */
export async function bundlePage(folder: string): Promise<void> {
  const bundle = await rolldown({ input: join(source, 'main.ts'), platform: 'browser', logLevel: 'silent' })
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    codeSplitting: false,
    comments: { legal: true },
  })
  const uplot = dirname(createRequire(join(source, 'main.ts')).resolve('uplot/package.json'))
  const styles = await Promise.all(
    [join(uplot, 'dist/uPlot.min.css'), join(source, 'style.css')].map((file) => readFile(file, 'utf8')),
  )
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeFile(join(folder, 'page.js'), output[0].code),
    writeFile(join(folder, 'page.css'), styles.join('\n')),
    writeFile(join(folder, 'index.html'), await readFile(join(source, 'index.html'))),
  ])
}
