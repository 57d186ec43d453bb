import { globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkImportOrder } from './checks/import-order.ts'
import { checkDocComments, checkExports } from './checks/public-api.ts'
import { checkSizes } from './checks/sizes.ts'
import { checkTestTypes } from './checks/test-types.ts'
import { checkWording } from './checks/wording.ts'
import { run, step, together } from './commands.ts'
import { build, packInto } from './packages.ts'

// npm run check: everything that can be checked without running the tests. Every step runs even if an earlier one failed,
// but the packages are inspected only if they could be packed.
const tarballFolder = mkdtempSync(join(tmpdir(), 'kairos-check-'))

/** One run of a tool for each tarball. */
async function onTarballs(command: string, toolArguments: readonly string[]) {
  const tarballs = globSync(join(tarballFolder, '*.tgz')).sort()
  return together(await Promise.all(tarballs.map((tarball) => run(command, [...toolArguments, tarball]))))
}

const results: boolean[] = []
try {
  results.push(await step('format and lint (biome)', () => run('biome', ['ci', '--error-on-warnings', '--colors=off'])))
  results.push(await step('order of folders', checkImportOrder))
  results.push(await step('types of packages (tsc)', () => run('tsc', ['-b', ...globSync('packages/*/tsconfig.json')])))
  results.push(await step('types of tests (tsc)', checkTestTypes))
  results.push(await step('unused code and dependencies (knip)', () => run('knip', ['--no-config-hints'])))
  results.push(await step('wording', checkWording))
  const packed = (await step('build', build)) && (await step('pack', () => packInto(tarballFolder)))
  results.push(packed)
  if (packed) {
    results.push(await step('exports (docs/exports.txt)', checkExports))
    results.push(await step('doc comments', checkDocComments))
    results.push(await step('sizes', checkSizes))
    results.push(await step('packages (publint)', () => onTarballs('publint', ['--strict'])))
    results.push(await step('packages (are the types wrong)', () => onTarballs('attw', ['--profile=esm-only'])))
  }
} finally {
  rmSync(tarballFolder, { recursive: true })
}

const failed = results.filter((ok) => !ok).length
console.log(failed === 0 ? 'all checks passed' : `${failed} of ${results.length} checks failed`)
process.exitCode = failed === 0 ? 0 : 1
