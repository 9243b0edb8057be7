-- What a person answered stands in the row of its task, and whoever sends an effect again goes by that row: it is opened as a question, and answered
-- by the guards alone.
revoke insert on tasks from countersign_worker, countersign_loops;
grant insert (tenant, task, action, step, kind) on tasks to countersign_worker;
