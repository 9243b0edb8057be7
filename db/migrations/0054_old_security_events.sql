-- Counts of strangers are looked at when an attack is looked into; after that they are addresses that nobody needs, and they would pile up for ever.
grant select (minute), delete on security_events to countersign_loops;
