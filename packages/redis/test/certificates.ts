import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from '../../../scripts/servers/processes.ts'

/** Files of a certificate authority, and of a certificate that it has signed. */
export interface Certificates {
  readonly authority: string
  /** Of a server called `localhost`; a client may show it too. */
  readonly certificate: string
  readonly key: string
}

/** Makes an untrusted authority and a certificate that it signs; with openssl, since Node cannot make certificates. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const file = (name: string): string => join(folder, name)
  const openssl = (...parameters: string[]): Promise<string> => runToEnd('openssl', parameters, { cwd: folder })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'authority.key',
    '-out',
    'authority.pem',
    '-subj',
    '/CN=authority',
  )
  await openssl('req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost')
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost')
  const signer = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', 'names']
  await openssl('x509', '-req', '-in', 'server.csr', ...signer, '-out', 'server.pem')
  return { authority: file('authority.pem'), certificate: file('server.pem'), key: file('server.key') }
}
