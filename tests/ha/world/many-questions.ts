/** curl in memory, as it is used to ask apiservers many questions at once: see src/ha/ask/ask-many.ts. */
import { hostPort } from '../../../src/cluster/address.ts'
import { addressOf, familiesOf } from '../../../src/cluster/spec.ts'
import type { Output } from '../../../src/drivers/driver.ts'
import type { FakeVm } from '../../../src/drivers/fake/fake-vm.ts'
import { apiserverAt, curlOnce, isReady, objects } from './kubernetes.ts'
import type { Parts, Programs } from './parts.ts'

interface Answer {
  readonly status: number
  readonly body?: object
  readonly error?: string
}

const message = (status: number, text: string): Answer => ({ status, body: { kind: 'Status', message: text } })
const silent: Answer = { status: 0, error: 'Connection timed out after 3001 milliseconds' }
const tokenPath = /\/serviceaccounts\/default\/token$/

/**
 * An apiserver's mistakes are files of its VM: "/sa-key" and "/encryption-key" are keys of its own, "/unnamed" is the
 * host that its certificate lacks, and kubelets refuse it when there is a "/refused-by-kubelets".
 */
export function answerMany(world: Parts, from: FakeVm | undefined, config: string): Partial<Output> {
  const answers = config.split('\nnext\n').map(question => answerTo(world, from, question))
  const printed = answers.map(({ status, body, error = '' }) => {
    const code = String(status).padStart(3, '0')
    return `${body ? JSON.stringify(body) : ''}\n--end of the answer-- ${code} ${error}\n`
  })
  return { stdout: printed.join('') }
}

function answerTo(world: Parts, from: FakeVm | undefined, question: string): Answer {
  const setting = (name: string) => new RegExp(`^${name} = "(.*)"$`, 'm').exec(question)?.[1]?.replaceAll('\\"', '"')
  const at = new URL(setting('url') ?? '')
  const named = setting('connect-to')?.replace('::', '')
  const [family] = familiesOf(world.spec)
  const apiserver = world.withRole('control-plane').find(({ spec }) => {
    const address = hostPort(addressOf(spec, family), 6443)
    return address === (named ?? at.host)
  })
  const chosen =
    apiserver ?? (isService(at) ? world.withRole('control-plane').find(vm => isReady(world, vm)) : undefined)
  if (
    chosen === undefined ||
    apiserverAt(world, from, `https://${hostPort(addressOf(chosen.spec, family), 6443)}`) !== chosen
  )
    return silent
  const isUnnamed = chosen.files.get('/unnamed') === at.hostname
  if (isUnnamed)
    return {
      status: 0,
      error: `SSL: no alternative certificate subject name matches target host name '${at.hostname}'`,
    }
  const token = /Bearer (.*?)"?$/m.exec(question)?.[1]
  const isAccepted =
    token === undefined || token === keyOf(chosen) || (token === '@POD_TOKEN@' && keyOf(chosen) === 'shared')
  if (!isAccepted) return message(401, 'Unauthorized')
  return answerOf(world, chosen, at, setting('data-raw'))
}

const isService = ({ port }: URL): boolean => port === ''
const keyOf = (vm: FakeVm): string => vm.files.get('/sa-key') ?? 'shared'

function answerOf(world: Parts, apiserver: FakeVm, { pathname }: URL, sent: string | undefined): Answer {
  const key = apiserver.files.get('/encryption-key') ?? 'none'
  const stored = `/etcd${pathname}`
  const [first] = world.withRole('etcd')
  if (pathname === '/version') return { status: 200, body: {} }
  if (tokenPath.test(pathname)) return { status: 201, body: { status: { token: keyOf(apiserver) } } }
  if (pathname.endsWith('/log'))
    return apiserver.files.has('/refused-by-kubelets') ? message(401, 'Unauthorized') : { status: 200 }
  if (pathname.includes('/secrets/')) {
    if (sent !== undefined) first?.files.set(stored, JSON.stringify({ key, secret: JSON.parse(sent) }))
    const { key: used, secret } = JSON.parse(first?.files.get(stored) ?? '{}') as { key?: string; secret?: object }
    return used === key && secret ? { status: 200, body: secret } : message(500, 'unable to transform key')
  }
  const object = objects(world)[pathname]
  return object ? { status: 200, body: object } : message(404, `"${pathname}" not found`)
}

export const curlPrograms = (world: Parts): Programs => [
  [
    'curl',
    ({ vm, argv, input }) => (argv.includes('--config') ? answerMany(world, vm, input) : curlOnce(world, vm, argv)),
  ],
]
