-- Whoever stops says so by stop_scope, and a lift takes two (decide_proposal): no process opens a fence by itself.
revoke execute on function move_fence(text, text, boolean, text, text) from countersign_gateway;
