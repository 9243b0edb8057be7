/** Names one generation of one agent; the input of every activity about agents. What it names is read, and checked, in Postgres. */
export interface AgentRef {
  readonly tenant: string;
  readonly agent: string;
  readonly generation: number;
}
