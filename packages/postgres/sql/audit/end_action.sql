-- Records how an action ended; no row if it never began or ended before. Served by operator_actions_pkey and operator_outcomes_pkey.
insert into kiroku.operator_outcomes (action, succeeded, after, error)
select id, $2, $3::json, $4
from kiroku.operator_actions
where id = $1
on conflict (action) do nothing
returning action
