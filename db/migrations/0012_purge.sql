-- What was good for minutes is not kept for ever.

grant select, delete on slack_link_codes, mail_links to countersign_loops;
