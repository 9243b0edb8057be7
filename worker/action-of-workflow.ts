/** Which action a workflow is about, by its id; nothing where it is none of ours. */
export function actionOfWorkflow(workflowId: unknown): { readonly tenant?: string; readonly action?: string } {
  const [, tenant, action] =
    typeof workflowId === 'string' ? (/^action\/([^/]+)\/([^/]+)$/.exec(workflowId) ?? []) : [];
  return tenant === undefined || action === undefined ? {} : { tenant, action };
}
