import { createWorld, type World } from '../helpers/world';

let world: World;
beforeAll(async () => (world = await createWorld()));
afterAll(() => world.close());

const ROLES = ['gateway', 'worker', 'loops', 'auditor'] as const;

/** Who may call what runs with more rights than its caller. A function that is missing here is nobody's. */
const CALLERS: Readonly<Record<string, readonly string[]>> = {
  // Tells accounts of one human together, for views that run with the rights of whoever asks. So do the other three of everybody: who may vote for what.
  accounts_of: ['gateway', 'worker', 'loops', 'auditor'],
  conflicted_people: ['gateway', 'worker', 'loops', 'auditor'],
  has_role: ['gateway', 'worker', 'loops', 'auditor'],
  stage_entitles: ['gateway', 'worker', 'loops', 'auditor'],
  activate_bundle: ['worker'],
  answer_review: ['gateway'],
  ask_reconciliation: ['gateway'],
  authenticate_agent: ['gateway'],
  authenticate_person: ['gateway'],
  authenticate_token: ['gateway'],
  begin_effect: ['worker'],
  begin_mint: ['worker'],
  begin_undo: ['worker'],
  cancel_for_offboarding: ['worker'],
  cast_vote: ['gateway'],
  change_people: ['gateway'],
  claim_grant: ['gateway'],
  cut_off_agent: ['worker'],
  confirm_admin: ['gateway'],
  decide_proposal: ['gateway'],
  end_unanswerable: ['worker'],
  enrol_agent: ['gateway'],
  except_from_offboarding: ['gateway'],
  find_agent_credential: ['gateway'],
  find_agent_enrolment: ['gateway'],
  find_init_link: ['gateway'],
  hear_stops: ['gateway', 'worker'],
  stop_hearing: ['gateway', 'worker'],
  unheard_by: ['gateway'],
  find_mail_link: ['gateway'],
  finish_departure: ['worker'],
  finish_offboarding: ['worker'],
  hand_over_agent: ['worker'],
  issue_agent_enrolment: ['gateway'],
  issue_link_code: ['gateway'],
  lapse_onboarding: ['worker'],
  ledger_append: ['gateway', 'worker', 'loops'],
  link_slack_by_code: ['gateway'],
  // Numbers over every tenant, for metrics.
  measure_operations: ['gateway'],
  move_agent: ['gateway'],
  offboard_children: ['worker'],
  propose_lift: ['gateway'],
  propose_resume_under: ['gateway'],
  production_problems: ['gateway', 'worker', 'loops', 'auditor'],
  quarantine_agent: ['gateway'],
  quarantine_holder: ['worker'],
  record_mint: ['worker'],
  redeem_assertion: ['gateway'],
  redeem_init_link: ['gateway'],
  register_agent: ['gateway'],
  register_version: ['gateway'],
  require_rotation: ['gateway'],
  resolve_task: ['gateway'],
  reroute_approval: ['worker'],
  return_grant: ['gateway'],
  review_agents: ['loops'],
  revoke_agent_credential: ['gateway'],
  rotate_agent_credential: ['gateway'],
  stop_scope: ['gateway'],
  use_payload_key: ['gateway', 'worker'],
  withdraw_task: ['worker'],
  write_owed_entries: ['loops'],
};

it('X77 each function of a guard is called by those alone who need it, and what opens an effect by no process', async () => {
  const rows = await world.rows<{ name: string; role: string }>(
    `select p.proname as name, r.role from pg_proc p cross join unnest($1::text[]) r (role)
     where p.pronamespace = 'public'::regnamespace and p.prosecdef
       and has_function_privilege('countersign_' || r.role, p.oid, 'execute')`,
    [ROLES],
  );
  const callers: Record<string, string[]> = {};
  for (const { name, role } of rows) (callers[name] ??= []).push(role);
  expect(callers).toEqual(CALLERS);
});
