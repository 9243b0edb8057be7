import { type Files, INFRA } from './policy-directory';

/** {@link INFRA}, and an action that agents carry out themselves, with a limit that they are told and one that they are not. */
export const COOPERATIVE: Files = {
  ...INFRA,
  'action-types/read-log.yaml': `
kind: ActionType
id: infra.read_log
version: 1
owner: team:platform
risk: low
effect: read
lane: cooperative
params:
  type: object
  additionalProperties: false
  required: [service, lines]
  properties:
    service: { type: string, pattern: '^[a-z-]{1,40}$' }
    lines: { type: integer, minimum: 1, maximum: 100000 }
    note: { type: string, maxLength: 50000 }
data: [/limits/read_log]
card:
  headline: 'Read the log of {service}'
  service: { text: /params/service }
`,
  'data/limits.yaml': 'read_log: { lines: 1000 }\nsecret: { lines: 7 }\n',
  'packs/org/logs.rego': `package packs.org.logs

import data.countersign.finding

reads if input.action.type == "infra.read_log"

findings contains finding.allow("logs.reader") if {
	reads
	"mover" in input.agent.roles
}

findings contains finding.deny("logs.many", "Too many lines.", "Ask for fewer.") if {
	reads
	input.action.params.lines > data.limits.read_log.lines
}

findings contains finding.approval("logs.payroll", "on-call", "Logs of payroll need a person.") if {
	reads
	input.action.params.service == "payroll"
}

# Agents do not have the number, so their own bundle says nothing here.
findings contains finding.deny("logs.secret", "Not that many.", "Guess.") if {
	reads
	input.action.params.lines == data.limits.secret.lines
}
`,
};
