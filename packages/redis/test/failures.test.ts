import { describe, expect, it } from 'vitest'
import { diagnose, NotSent } from '../src/connection/lost-answers.ts'

describe('what an error says about a write', () => {
  it.each([
    ['MOVED 3999 127.0.0.1:6381', 'later'],
    ['ASK 3999 127.0.0.1:6381', 'later'],
    ['TRYAGAIN Multiple keys request during rehashing of slot', 'later'],
    ['CLUSTERDOWN Hash slot not served', 'later'],
    ['LOADING Redis is loading the dataset in memory', 'later'],
    ["READONLY You can't write against a read only replica. script: abc, on @user_script:5.", 'later'],
    ["OOM command not allowed when used memory > 'maxmemory'.", 'later'],
    // Redis 6.2 wraps errors inside a script.
    [
      "ERR Error running script (call to f_1): @user_script:5: @user_script: 5: -READONLY You can't write against a read only replica.",
      'later',
    ],
    ['Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down', 'later'],
    ["Stream isn't writeable and enableOfflineQueue options is false", 'later'],
    ['NOAUTH Authentication required.', 'never'],
  ])('%s: nothing was applied', (message, retry) => {
    expect(diagnose(new Error(message))).toMatchObject({ notApplied: true, retry })
  })

  it.each([
    ['Connection is closed.', 'later'],
    [
      'Reached the max retries per request limit (which is 0). Refer to "maxRetriesPerRequest" option for details.',
      'later',
    ],
    ['Socket closed unexpectedly', 'later'],
    ['read ECONNRESET', 'later'],
    ['no answer within 10 ms', 'later'],
    ['Too many Cluster redirections. Last error: Error: Connection is closed.', 'later'],
    // A script may have been stopped in the middle.
    ["NOPERM this user has no permissions to run the 'expireat' command script: abc", 'never'],
    ['ERR something that no one has thought of', 'never'],
  ])('%s: it may have been applied', (message, retry) => {
    expect(diagnose(new Error(message))).toMatchObject({ notApplied: false, retry })
  })

  it('a command that was never sent was not applied', () => {
    expect(diagnose(new NotSent('no connection', 'later'))).toMatchObject({ notApplied: true, retry: 'later' })
  })

  it.each(['NOAUTH Authentication required.', 'WRONGPASS invalid username-password pair or user is disabled.'])(
    '%s: says where the password belongs',
    (message) => {
      expect(diagnose(new Error(message)).message).toMatch(/clientConfig: \{ password \}/)
      expect(new NotSent('the connection could not be made', 'never', new Error(message)).message).toMatch(
        /clientConfig: \{ password \}/,
      )
    },
  )

  it('if all addresses of a name fail, each is named with its reason', () => {
    const refused = ['::1', '127.0.0.1'].map((host) => new Error(`connect ECONNREFUSED ${host}:6379`))
    const failed = Object.assign(new AggregateError(refused, 'none'), { message: '' })
    const error = new NotSent('the connection could not be made', 'later', failed)
    for (const { message } of refused) expect(error.message).toContain(message)
    expect(diagnose(failed).message).toContain(refused[1]!.message)
  })
})
